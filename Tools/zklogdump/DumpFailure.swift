import Disk
import Metadata
import TransactionLog

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
        case .numbersUsedUp(let path):
            self = .unreadable("\(path) counts higher than any store does")
        case .secondWriter(let path, _, _):
            self = .unreadable("\(path) is being written by two servers")
        }
    }

    // MARK: Paths that are no log

    private static let apacheAdvice = "are Apache ZooKeeper's own, which this program does not read"

    /// A directory without slots, by the names that stand in it.
    static func noLog(_ path: String, _ names: [String]) -> DumpFailure {
        if names.contains(where: { SegmentName($0) != nil }) {
            return DumpFailure(
                status: .damaged, message: "damaged: \(path) has segments, and the slots `meta` are missing")
        }
        if names.contains("version-2") || names.contains(where: isApacheLog) {
            return .unreadable("\(path): these files \(apacheAdvice)")
        }
        if names.contains("snap") {
            return .unreadable("\(path) has snapshots and no log; look at dataLogDir in zoo.cfg")
        }
        return .unreadable("\(path) holds no log: neither a file `meta` nor a folder `log`")
    }

    /// A file that no segment's name and no segment's header says to be one.
    static func noSegment(_ path: String, _ fileName: String) -> DumpFailure {
        if fileName == MetadataSlots<KernelDisk>.fileName {
            return .unreadable("\(path) holds the slots; give the directory that it stands in")
        }
        if isApacheLog(fileName) { return .unreadable("\(path): logs of this name \(apacheAdvice)") }
        return .unreadable("\(path) is no segment of a log")
    }

    private static func isApacheLog(_ name: String) -> Bool {
        name.hasPrefix("log.") && Int64(name.dropFirst(4), radix: 16) != nil
    }
}
