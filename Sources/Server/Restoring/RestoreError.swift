import Disk
import Snapshots
import Storage

/// Why a snapshot was not restored. Except after `failed` the server goes on with what it held.
package enum RestoreError: Error, CustomStringConvertible {
    /// Another restore is under way.
    case busy
    /// The server stops.
    case stopping
    /// The file system has no room for the snapshot beside what the log needs.
    case spaceShort(neededByteCount: Int, availableByteCount: Int)
    case disk(DiskError)
    /// What was received is no snapshot that can be installed: damaged, cut short, or of another format.
    case refused(ReceivedSnapshotDefect)
    /// Requests that were taken could not be finished; nothing can be replaced before that.
    case requestsUnfinished
    /// The store did not take the snapshot.
    case storage(StorageError)
    /// The server ends; what its next start finds is what it held, or the snapshot.
    case failed(String)

    package var description: String {
        switch self {
        case .busy: "another restore is under way"
        case .stopping: "the server stops"
        case .spaceShort(let needed, let available):
            "the disk has \(available) bytes left, \(needed) are needed"
        case .disk(let error): "\(error)"
        case .refused(let defect): "this is no snapshot that can be restored: \(defect)"
        case .requestsUnfinished: "requests that were taken are not finished; is the disk full?"
        case .storage(let error): "\(error)"
        case .failed(let reason): "the server ends: \(reason)"
        }
    }
}
