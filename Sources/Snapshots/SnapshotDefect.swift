import Compression
import Disk

/// Where in a snapshot something stands.
package enum SnapshotPart: Equatable, Sendable {
    case header
    /// A block, counted from 0.
    case block(Int)
    case index
    case footer
    case trailer
}

/// A number in a snapshot that a reader checks.
package enum SnapshotField: String, Sendable {
    case fileByteCount = "file length"
    case footerOffset = "footer offset"
    case footerByteCount = "footer length"
    case footerChecksum = "footer checksum"
    case indexOffset = "index offset"
    case indexChecksum = "index checksum"
    case blockCount = "block count"
    case blockOffset = "block offset"
    case blockKind = "block kind"
    case blockSequence = "block number"
    case blockChecksum = "block checksum"
    case blockCodec = "block codec"
    case rawByteCount = "raw length"
    case storedByteCount = "stored length"
    case recordCount = "record count"
    case tailRecordCount = "tail record count"
    case total = "total"
    case startZxid = "start zxid"
    case endZxid = "end zxid"
}

/// Why bytes are not the part of a snapshot that they should be.
package enum SnapshotDefect: Error, Equatable, Sendable {
    /// The disk did not give the bytes.
    case disk(DiskError)
    case truncated(neededByteCount: Int, foundByteCount: Int)
    /// The bytes that mark a snapshot's beginning or end are not there.
    case wrongMagic
    case checksumMismatch(stored: UInt32, computed: UInt32)
    case unsupportedMajor(UInt16)
    /// A newer version wrote it; the bits of the features that this one does not know.
    case unknownIncompatibleFeatures(UInt64)
    case unknownKind(UInt8)
    case unknownCodec(UInt8)
    case outOfBounds(SnapshotField, value: UInt64, limit: UInt64)
    /// Two places that must say the same do not.
    case disagreement(SnapshotField, stated: UInt64, found: UInt64)
    case reservedNotZero
    /// The checksum holds, yet the stored bytes do not decompress to the stated length.
    case undecodable(Codec)
}

/// A snapshot cannot be read: which file, where, why, and what to do.
package struct SnapshotReadError: Error, Equatable, Sendable {
    package var path: String
    package var part: SnapshotPart
    /// Where the part begins, in bytes from the file's start.
    package var offset: Int
    package var defect: SnapshotDefect

    package init(path: String, part: SnapshotPart, offset: Int, defect: SnapshotDefect) {
        self.path = path
        self.part = part
        self.offset = offset
        self.defect = defect
    }

    /// Whether the snapshot itself is at fault, not this program's age or the disk's mood.
    package var isDamage: Bool {
        switch defect {
        case .disk, .unsupportedMajor, .unknownIncompatibleFeatures: false
        default: true
        }
    }

    /// What an operator can do about it.
    package var advice: String {
        switch defect {
        case .disk:
            "check the disk and the file's permissions; the server takes the next older snapshot"
        case .unsupportedMajor, .unknownIncompatibleFeatures:
            "a newer version wrote it: start that version, or restore a snapshot of this one"
        default:
            "the file is damaged: keep it aside and use the next older snapshot, or a copy from another server"
        }
    }
}

extension SnapshotReadError: CustomStringConvertible {
    package var description: String { "\(path): \(part) at byte \(offset): \(defect) (\(advice))" }
}

extension SnapshotPart: CustomStringConvertible {
    package var description: String {
        switch self {
        case .header: "header"
        case .block(let number): "block \(number)"
        case .index: "block index"
        case .footer: "footer"
        case .trailer: "trailer"
        }
    }
}

extension SnapshotDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .disk(let error): "\(error)"
        case .truncated(let needed, let found): "cut short, \(found) of at least \(needed) bytes are there"
        case .wrongMagic: "not the mark of a snapshot"
        case .checksumMismatch(let stored, let computed):
            "checksum 0x\(String(stored, radix: 16)) stored, 0x\(String(computed, radix: 16)) computed"
        case .unsupportedMajor(let major):
            "format \(major), this version reads format \(SnapshotFormat.major)"
        case .unknownIncompatibleFeatures(let bits):
            "needs features that this version does not know, bits 0x\(String(bits, radix: 16))"
        case .unknownKind(let value): "unknown kind \(value)"
        case .unknownCodec(let value): "unknown codec \(value)"
        case .outOfBounds(let field, let value, let limit):
            "\(field.rawValue) \(value) where at most \(limit) can be"
        case .disagreement(let field, let stated, let found):
            "\(field.rawValue) \(stated) stated, \(found) found"
        case .reservedNotZero: "bytes that must be zero are not"
        case .undecodable(let codec): "does not decompress (\(codec))"
        }
    }
}
