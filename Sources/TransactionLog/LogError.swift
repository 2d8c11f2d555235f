import Disk
import Identifiers
import Metadata

/// Why the log could not do what it was asked.
package enum LogError: Error, Equatable {
    /// A write or sync failed. The log is poisoned: nothing is retried, nothing more is acknowledged.
    case disk(DiskError)
    /// An earlier write or sync failed.
    case poisoned
    /// No prepared segment is left and none can be made. Nothing was written; the log is still sound.
    case noSpace
    /// A record is longer than the log or its segments can take. Nothing was written.
    case recordTooLong(byteCount: Int, limit: Int)
    case metadata(MetadataError)
    /// A file does not hold what it must.
    case damaged(LogDefect)
    /// The wanted records are no longer retained.
    case purged(wanted: Zxid, oldestRetained: Zxid)
}

/// A place in a log file that is not as it was written.
package struct LogDefect: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// Neither copy of the segment's header reads.
        case header
        /// The segment is of another store, or its header belongs to another file.
        case foreign
        /// A feature or version that this program does not know.
        case incompatible(features: UInt32)
        /// The segment that a successor or the slots name is not there.
        case missingSegment
        /// A segment's header declares another predecessor than the one before it.
        case predecessor
        case batchHeader
        case batchChecksum
        /// The header is whole and its blocks were not all written: the batch was torn.
        case batchTorn
        /// The batch's place, ordinal or chain does not continue the one before it.
        case discontinuous
        case record
        case decompression
        case unreadable
        /// The file ends before the size that its header declares.
        case fileCutShort
    }

    package var path: String
    package var byteOffset: Int
    package var reason: Reason

    package init(path: String, byteOffset: Int, reason: Reason) {
        self.path = path
        self.byteOffset = byteOffset
        self.reason = reason
    }
}

extension LogDefect: CustomStringConvertible {
    package var description: String { "\(path), offset \(byteOffset): \(reason)" }
}
