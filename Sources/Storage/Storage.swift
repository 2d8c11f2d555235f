import Disk
import Identifiers
import Metadata
import Snapshots
import TransactionLog

/// An open data directory: locked, recovered, and ready to append.
///
/// The log belongs to whoever appends; everything else may be used from any thread.
package final class Storage<D: Disk> {
    package let configuration: StorageConfiguration
    package let disk: D
    package let log: TransactionLog<D>
    package let snapshots: SnapshotDirectory<D>
    package let report: StorageReport
    package let retention: SnapshotRetention<D>
    private let locks: [any DirectoryLock]

    private init(
        _ configuration: StorageConfiguration, disk: D, log: TransactionLog<D>,
        snapshots: SnapshotDirectory<D>, report: StorageReport, locks: [any DirectoryLock]
    ) {
        self.configuration = configuration
        self.disk = disk
        self.log = log
        self.snapshots = snapshots
        self.report = report
        self.locks = locks
        retention = SnapshotRetention(
            snapshots: snapshots, slots: log.slots, tail: log.tail, logPath: configuration.logPath,
            retainCount: configuration.snapshotRetainCount)
    }

    /// Opens a store, creating it if there is none.
    ///
    /// First everything is judged; a start that is refused leaves every file as it was, but for the text in
    /// the lock files.
    /// - Parameters:
    ///   - time: wall clock, milliseconds since 1970.
    ///   - load: reads a snapshot into a fresh tree; throws if it is not what its footer says. Called
    ///     with one snapshot after the other, newest first, until it succeeds. The caller then reads the
    ///     log after `report.snapshotZxid` with a cursor.
    package static func open(
        _ configuration: StorageConfiguration, on disk: D, time: Int64,
        load: (SnapshotReader<D>) throws -> Void
    ) throws(StorageError) -> Storage {
        let snapshots = SnapshotDirectory(on: disk, path: configuration.snapshotPath)
        do {
            let locks = try lock(configuration, on: disk)
            try createIfNew(configuration, on: disk)
            let slots = try MetadataSlots(opening: configuration.logPath, on: disk)
            var choice = try SnapshotChoice.load(from: snapshots, slots.metadata, load)
            let (log, logReport) = try openLog(
                after: &choice, snapshots, slots, configuration, time: time, on: disk)
            let report = StorageReport(
                log: logReport, snapshotZxid: choice.zxid, snapshotPath: choice.path,
                snapshotFailures: choice.failures, repairedSlots: slots.repairedSlots,
                incarnation: slots.metadata.incarnation)
            return Storage(
                configuration, disk: disk, log: log, snapshots: snapshots, report: report, locks: locks)
        } catch {
            throw wrap(error, configuration)
        }
    }

    /// Forgets everything after `zxid`; the store must not be open. Durable on return, and finished by
    /// the next `open`. Throws `log(.purged)`, with nothing changed, if no start would be left.
    package static func truncate(
        _ configuration: StorageConfiguration, lastKept zxid: Zxid, on disk: D
    ) throws(StorageError) {
        do {
            let locks = try lock(configuration, on: disk)
            let slots = try MetadataSlots(opening: configuration.logPath, on: disk)
            let truncation = LogTruncation(
                configuration.logPath, slots: slots, configuration: configuration.log, on: disk)
            // An installation may be unfinished; what it replaced must not be loaded after it.
            try SnapshotInstallation(
                snapshots: SnapshotDirectory(on: disk, path: configuration.snapshotPath), slots: slots,
                logPath: configuration.logPath
            ).finish()
            // So may an earlier truncation; what it forgot must not be loaded after it.
            try truncation.check()
            try SnapshotChoice.setAsideTruncated(
                in: SnapshotDirectory(on: disk, path: configuration.snapshotPath), slots.metadata)
            try truncation.finish()
            try checkStart(below: zxid, slots.metadata, configuration, on: disk)
            try truncation.decide(lastKept: zxid)
            withExtendedLifetime(locks) {}
        } catch {
            throw wrap(error, configuration)
        }
    }

    /// Makes a received snapshot the only history of a store, which must not be open; the store is created
    /// if there is none. Durable on return, and finished by the next `open`: the state is then the
    /// snapshot's at its end, and the log is empty and goes on behind it.
    ///
    /// What the store held is set aside, not read: neither a damaged log nor a damaged snapshot is in the way.
    /// A crash leaves what was there in full, or the snapshot. `metadata` may be thrown with the decision
    /// made; other errors leave what was there.
    ///
    /// - Parameter beginsEpoch: what is written next belongs to an epoch later than any that this store or
    ///   the snapshot has seen, so that no zxid ever names two transactions; not for a server that follows a
    ///   leader, which says the epoch.
    package static func install(
        _ snapshot: ReceivedSnapshot<D>, in configuration: StorageConfiguration, beginsEpoch: Bool, on disk: D
    ) throws(StorageError) {
        do {
            let locks = try lock(configuration, on: disk)
            try createIfNew(configuration, on: disk)
            let slots = try MetadataSlots(opening: configuration.logPath, on: disk)
            try SnapshotInstallation(
                snapshots: SnapshotDirectory(on: disk, path: configuration.snapshotPath), slots: slots,
                logPath: configuration.logPath
            ).decide(snapshot, beginsEpoch: beginsEpoch)
            withExtendedLifetime(locks) {}
        } catch {
            throw wrap(error, configuration)
        }
    }

    /// A truncation must leave something to start from: the log's beginning, or a snapshot behind it.
    private static func checkStart(
        below zxid: Zxid, _ metadata: StoreMetadata, _ configuration: StorageConfiguration, on disk: D
    ) throws {
        let segments = try LogDirectory(configuration.logPath, on: disk).segments(metadata).0
        guard let base = segments.first?.baseZxid, base > .zero else { return }
        let isCovered = metadata.snapshots.contains { base <= $0.endZxid && $0.endZxid <= zxid }
        guard isCovered else { throw LogError.purged(wanted: zxid, oldestRetained: base) }
    }

    // MARK: Steps of opening

    private static func lock(
        _ configuration: StorageConfiguration, on disk: D
    ) throws -> [any DirectoryLock] {
        try [configuration.logPath, configuration.snapshotPath].map { directory in
            try disk.makeDirectory(directory)
            let path = directory + "/LOCK"
            do throws(DiskError) {
                return try disk.lock(path, contents: configuration.ownerDescription)
            } catch {
                guard error.code == Errno.again else { throw error }
                throw StorageError.locked(path: path, owner: LockOwner.text(in: path, on: disk))
            }
        }
    }

    /// Creates the slots of a new store. A store is new only if there is nothing of an old one.
    private static func createIfNew(_ configuration: StorageConfiguration, on disk: D) throws {
        let directory = configuration.logPath
        let names = try disk.names(in: directory)
        guard !names.contains(MetadataSlots<D>.fileName) else { return }
        let remains =
            try names.filter { SegmentName($0) != nil }
            + disk.names(in: configuration.snapshotPath).filter { SnapshotName(fileName: $0) != nil }
        if let found = remains.sorted().first {
            throw StorageError.metadataMissing(directory: directory, found: found)
        }
        let random = configuration.log.random
        let storeID = UInt128(random()) << 64 | UInt128(random())
        try MetadataSlots.create(in: directory, metadata: StoreMetadata(storeID: storeID), on: disk)
    }

    /// Opens the log; once that is allowed, and before it changes anything, tidies up the snapshots and
    /// counts the incarnation.
    private static func openLog(
        after choice: inout SnapshotChoice, _ snapshots: SnapshotDirectory<D>, _ slots: MetadataSlots<D>,
        _ configuration: StorageConfiguration, time: Int64, on disk: D
    ) throws -> (TransactionLog<D>, LogOpeningReport) {
        do {
            return try TransactionLog.open(
                configuration.logPath, slots: slots, after: choice.zxid, configuration: configuration.log,
                time: time, on: disk
            ) {
                try SnapshotChoice.setAsideTruncated(in: snapshots, slots.metadata)
                let installation = SnapshotInstallation(
                    snapshots: snapshots, slots: slots, logPath: configuration.logPath)
                if let path = try installation.finish() { choice.path = path }
                try choice.setAsideDamaged(in: snapshots)
                _ = try snapshots.removeTemporaries()
                try slots.commit { metadata in
                    metadata.incarnation += 1
                    // What does not load protects nothing: retention must not count on it.
                    metadata.snapshots.removeAll { choice.failed.contains(SnapshotName($0)) }
                }
            }
        } catch LogError.purged(_, let oldest) {
            guard choice.path != nil else {
                throw StorageError.noStart(
                    snapshotDirectory: configuration.snapshotPath, failures: choice.failures,
                    oldestLogZxid: oldest)
            }
            throw StorageError.gap(after: choice.zxid, oldestLogZxid: oldest, failures: choice.failures)
        }
    }

    private static func wrap(_ error: any Error, _ configuration: StorageConfiguration) -> StorageError {
        switch error {
        case let error as StorageError: error
        case let error as DiskError: .disk(error)
        case let error as MetadataError: .metadata(error)
        case let error as LogError: .log(error)
        case let error as LogRefusal: .refused(error.verdict, directory: configuration.logPath)
        default: preconditionFailure("no other error is thrown: \(error)")
        }
    }
}

/// What opening a store found and did.
package struct StorageReport: Sendable {
    package var log: LogOpeningReport
    /// The zxid of the tree after loading; the log goes on behind it. Zero if no snapshot was loaded.
    package var snapshotZxid: Zxid
    package var snapshotPath: String?
    package var snapshotFailures: [SnapshotFailure]
    package var repairedSlots: [Int]
    package var incarnation: UInt64
}
