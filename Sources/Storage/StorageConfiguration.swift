import TransactionLog

/// Where a store lives and how much of it is kept.
package struct StorageConfiguration: Sendable {
    /// ZooKeeper's `dataDir`; snapshots go to `snap` in it.
    package var dataDirectory: String
    /// ZooKeeper's `dataLogDir`; log and metadata go to `log` in it.
    package var logDirectory: String
    package var log: LogConfiguration
    /// How many verified snapshots are kept; never fewer than three.
    package var snapshotRetainCount = 3
    /// Written into the lock files, one line for whoever finds them locked: which process on which host.
    package var ownerDescription = ""

    package init(dataDirectory: String, logDirectory: String, log: LogConfiguration) {
        self.dataDirectory = dataDirectory
        self.logDirectory = logDirectory
        self.log = log
    }

    package var snapshotPath: String { Self.snapshotPath(in: dataDirectory) }
    package var logPath: String { Self.logPath(in: logDirectory) }

    /// Where the snapshots are below a `dataDir`.
    package static func snapshotPath(in directory: String) -> String { directory + "/snap" }

    /// Where the log is below a `dataLogDir`.
    package static func logPath(in directory: String) -> String { directory + "/log" }
}
