import Identifiers

/// The sizes, limits and names of the format (docs/snapshot-format.md).
package enum SnapshotFormat {
    /// A reader refuses any other major version.
    package static let major: UInt16 = 1
    package static let minor: UInt16 = 0
    /// Features that a reader must know to read a snapshot at all; none are defined yet.
    package static let knownIncompatibleFeatures: UInt64 = 0

    /// "AVRYSNAP", the first eight bytes of a snapshot.
    static let headerMagic: [UInt8] = Array("AVRYSNAP".utf8)
    /// "AVRYDONE", the first eight bytes of the trailer.
    static let trailerMagic: [UInt8] = Array("AVRYDONE".utf8)

    package static let headerByteCount = 4096
    package static let blockHeaderByteCount = 24
    package static let indexEntryByteCount = 32
    package static let footerByteCount = 144
    package static let trailerByteCount = 40

    /// A snapshot of nothing.
    static let fileByteCountMin =
        headerByteCount + 2 * blockHeaderByteCount + footerByteCount + trailerByteCount
    /// A footer of a later minor version may be longer; a reader takes no more than this.
    static let footerByteCountMax = 4096
    /// Pieces gather in a block until the next would not fit into this many bytes.
    package static let blockByteCountTarget = 256 << 10
    /// No block, and so no record, is longer than this before compression.
    package static let blockByteCountMax = 64 << 20
    /// The index is one block, which bounds how many others there are.
    package static let blockCountMax = blockByteCountMax / indexEntryByteCount
}

/// What a block holds. The raw value is what stands in files.
package enum BlockKind: UInt8, Sendable, CaseIterable {
    case sessions = 1
    /// Slices of the image of the tree.
    case nodes = 2
    /// Records committed while the image was taken; replayed in order after the image is loaded.
    case tail = 3
    /// The ensemble's configuration.
    case configuration = 4
}

/// What a frame holds: a caller's block, or one of the two frames that the format adds at the end.
enum FrameKind: Equatable {
    case block(BlockKind)
    case index
    case footer

    init?(rawValue: UInt8) {
        switch rawValue {
        case 0xFE: self = .index
        case 0xFF: self = .footer
        default:
            guard let kind = BlockKind(rawValue: rawValue) else { return nil }
            self = .block(kind)
        }
    }

    var rawValue: UInt8 {
        switch self {
        case .block(let kind): kind.rawValue
        case .index: 0xFE
        case .footer: 0xFF
        }
    }
}
