import Disk
import Metadata
import TransactionLog

/// What the program says with its exit code.
enum ExitStatus: Int32 {
    /// The log is clean, or ends with a torn batch that was never acknowledged.
    case sound = 0
    case damaged = 1
    case badInvocation = 2
    case unreadable = 3
}

/// Why the program ends early, in words for the operator.
struct DumpFailure: Error {
    var status: ExitStatus
    var message: String
    /// A file went away while it was being read, as purged segments do.
    var isMissingFile = false

    static func unreadable(_ message: String) -> DumpFailure {
        DumpFailure(status: .unreadable, message: message)
    }

    init(status: ExitStatus, message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: DiskError) {
        self = .unreadable("cannot read: \(error)")
        isMissingFile = error.code == Errno.noEntry
    }

    init(_ error: MetadataError) {
        switch error {
        case .disk(let error):
            self.init(error)
        case .damaged(let path):
            self.init(
                status: .damaged, message: "damaged: both copies of a generation in \(path) are unreadable")
        case .incompatible(let path, let features):
            self = .unreadable("\(path) was written by a newer version (features \(features))")
        case .secondWriter(let path, _, _):
            self = .unreadable("\(path) is being written by two servers")
        }
    }
}
