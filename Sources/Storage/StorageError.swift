import Disk
import Identifiers
import Metadata
import Snapshots
import TransactionLog

/// Why a store was not opened.
///
/// `disk` and `log` may come when the start was allowed already: what was done until then is found and done
/// again by the next one. All others come before any file was changed, but for the text in the lock files.
package enum StorageError: Error {
    case disk(DiskError)
    /// Another process holds the store; what it wrote into the lock file, if that reads.
    case locked(path: String, owner: String?)
    case metadata(MetadataError)
    /// There are segments or snapshots, but the file that says what they must hold is gone.
    case metadataMissing(directory: String, found: String)
    case log(LogError)
    /// The log lost or may have lost acknowledged records.
    case refused(LogVerdict, directory: String)
    /// No snapshot loads, and the log does not reach back to the beginning.
    case noStart(snapshotDirectory: String, failures: [SnapshotFailure], oldestLogZxid: Zxid)
    /// The best snapshot that loads ends before the log begins.
    case gap(after: Zxid, oldestLogZxid: Zxid, failures: [SnapshotFailure])
}

/// A snapshot that did not load, and where it was put.
package struct SnapshotFailure: Sendable {
    package var path: String
    package var reason: String
    /// The new name of a damaged file; nil if it was left where it is.
    package var quarantinedAs: String?
}

extension StorageError: CustomStringConvertible {
    /// What is wrong, where, and the next command to type.
    package var description: String {
        switch self {
        case .disk(let error):
            "\(error)"
        case .locked(let path, let owner):
            "\(path) is locked: another server runs on this directory"
                + (owner.map { " (\($0))" } ?? "") + ". Stop it, or give this one a dataDir of its own."
        case .metadata(.damaged(let path)):
            "both copies of the newest generation in \(path) are unreadable; no crash does that. "
                + "Restore the file, or the whole directory, from a backup."
        case .metadata(.incompatible(let path, let features)):
            "\(path) was written by a newer version (features \(String(features, radix: 16))). "
                + "Start that version."
        case .metadata(.secondWriter(let path, let ours, let found)):
            "another process writes \(path) (incarnation \(found), ours is \(ours)). "
                + "Find it and stop one of the two."
        case .metadata(.numbersUsedUp(let path)):
            "\(path) counts higher than any store does; no crash or disk does that. "
                + "Restore the file, or the whole directory, from a backup."
        case .metadata(.disk(let error)):
            "\(error)"
        case .metadataMissing(let directory, let found):
            "\(directory)/meta is missing, but \(found) is there. "
                + "Restore meta from a backup; a store without it cannot know what it acknowledged."
        case .log(.noSpace):
            "the disk is full: not even the shortest log segment finds room. "
                + "Make room, but delete nothing in the data directory; then start again."
        case .log(let error):
            "the log failed: \(error)"
        case .refused(let verdict, let directory):
            "\(verdict). Not started, nothing was cut. See all of it with: zklogdump --verify \(directory)"
        case .noStart(let directory, let failures, let oldest):
            "no snapshot in \(directory) loads and the log begins only after zxid \(oldest). "
                + Self.list(failures) + " Restore a snapshot from a backup (docs/recovery.md)."
        case .gap(let after, let oldest, let failures):
            "the best snapshot that loads ends at zxid \(after), but the log begins only after \(oldest). "
                + Self.list(failures) + " Restore a newer snapshot from a backup."
        }
    }

    private static func list(_ failures: [SnapshotFailure]) -> String {
        failures.map { "\($0.path): \($0.reason)." }.joined(separator: " ")
    }
}
