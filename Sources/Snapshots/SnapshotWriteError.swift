import Disk

/// A snapshot was not written. Its temporary file is gone, or goes at the next start.
package enum SnapshotWriteError: Error, Equatable, Sendable {
    case disk(DiskError)
    /// The file system has not enough space for the snapshot and what must stay free beside it.
    case spaceShort(directory: String, neededByteCount: Int, availableByteCount: Int)
    /// One piece is longer than a block can be.
    case pieceTooLong(byteCount: Int, byteCountMax: Int)
    /// The index has no room for another block.
    case tooManyBlocks(countMax: Int)
    /// The caller's count of tail records is not what it appended.
    case tailCountMismatch(stated: Int, appended: Int)
    /// A snapshot cannot end before it begins.
    case endBeforeStart

    /// Whether space is what was missing; the caller tries again when there is more.
    package var isDiskFull: Bool {
        switch self {
        case .disk(let error): error.isDiskFull
        case .spaceShort: true
        default: false
        }
    }
}

extension SnapshotWriteError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .disk(let error): "snapshot not written: \(error)"
        case .spaceShort(let directory, let needed, let available):
            "snapshot not begun: \(directory) has \(available) bytes left, \(needed) are needed"
        case .pieceTooLong(let count, let most):
            "snapshot not written: a piece of \(count) bytes, at most \(most) fit a block"
        case .tooManyBlocks(let most): "snapshot not written: more than \(most) blocks"
        case .tailCountMismatch(let stated, let appended):
            "snapshot not written: \(stated) tail records stated, \(appended) appended"
        case .endBeforeStart: "snapshot not written: its end zxid is below its start zxid"
        }
    }
}
