import Disk
import Storage

/// Why a server did not start.
package enum StartError: Error, CustomStringConvertible {
    case directory(DiskError)
    /// There is none, and `datadir.autocreate` is false.
    case missingDirectory(String)
    case storage(StorageError)
    /// The data directory is Apache ZooKeeper's.
    case apacheStore(found: String)
    /// The file of the audit log cannot be opened.
    case auditLog(DiskError)
    /// The log behind the snapshot cannot be read or applied.
    case replay(String)
    case listening(String)
    case certificates(StoreFileError)

    package var exitCode: ServerExitCode {
        switch self {
        case .directory, .missingDirectory, .storage, .apacheStore, .replay: .storage
        case .listening: .listening
        case .certificates, .auditLog: .configuration
        }
    }

    package var description: String {
        switch self {
        case .directory(let error): "the data directory cannot be used: \(error)"
        case .missingDirectory(let path):
            "there is no directory \(path), and datadir.autocreate is false: make it, or mount what should be there"
        case .storage(let error): "\(error)"
        case .apacheStore(let found):
            "\(found) is Apache ZooKeeper's, which this server does not read. Give it an empty dataDir and "
                + "copy the nodes over with a client, while Apache's server serves them"
        case .replay(let reason): "the log cannot be replayed: \(reason)"
        case .listening(let reason): "cannot listen for clients: \(reason)"
        case .certificates(let error): "TLS cannot be spoken: \(error)"
        case .auditLog(let error): "the audit log (auditlog.file) cannot be written: \(error)"
        }
    }
}
