import DataTree
import Disk
import Identifiers
import Loading
import Logging
import Storage
import TransactionLog

/// An open data directory and the state that stands in it.
final class OpenedState {
    let storage: Storage<KernelDisk>
    let figures: StartFigures
    private var state: LoadedState?

    /// Opens the directories, creating them if they are missing, and loads everything.
    init(_ configuration: ServerConfiguration, logger: Logger) throws(StartError) {
        let start = Clock.monotonicNanoseconds()
        let disk = try Self.disk(for: configuration)
        try Self.refuseApacheStore(configuration, on: disk)
        var loader = StateLoader(hashSeed: .random(in: 0...UInt64.max), rules: Self.rules(configuration))
        var figures = StartFigures()
        storage = try Self.open(configuration, on: disk, &loader, &figures)
        let replayStart = Clock.monotonicNanoseconds()
        do {
            let cursor = LogCursor(
                after: storage.report.snapshotZxid, mode: .durable, tail: storage.log.tail, on: disk,
                pinned: false)
            while let slice = try cursor.next() {
                try slice.forEachRecord { (_, record) throws(StateDefect) in try loader.replay(record) }
            }
        } catch {
            throw .replay("\(error)")
        }
        figures.replayedRecordCount = loader.replayedRecordCount
        figures.replayMilliseconds = Self.milliseconds(since: replayStart)
        figures.allMilliseconds = Self.milliseconds(since: start)
        self.figures = figures
        if let zxid = loader.firstDigestMismatch {
            logger.error(
                """
                DIGEST MISMATCH: \(loader.digestMismatchCount) records from \(zxid) on do not lead to the tree \
                that the server had which wrote them; going on with what the log says. See "Digest mismatch" \
                in docs/recovery.md before the next snapshot
                """)
        }
        Self.report(storage.report, to: logger)
        logger.notice(
            """
            data directory \(configuration.dataDirectory): sync by \(disk.syncMode.rawValue), \
            log \(storage.report.log.recovery.verdict.name), zxid \(loader.zxid), \(loader.nodeCount) nodes, \
            \(figures.replayedRecordCount) records behind the snapshot, ready in \(figures.allMilliseconds) ms
            """)
        state = loader.finish()
    }

    /// The loaded state. Once only.
    func takeState() -> LoadedState {
        guard let state = state.take() else { preconditionFailure("the state was taken before") }
        return state
    }

    private static func milliseconds(since start: Int64) -> UInt64 {
        UInt64(max(0, Clock.monotonicNanoseconds() - start)) / 1_000_000
    }

    private static func disk(for configuration: ServerConfiguration) throws(StartError) -> KernelDisk {
        do throws(DiskError) {
            let plain = KernelDisk(syncMode: .bufferedThenSync)
            try plain.makeDirectory(configuration.dataDirectory)
            try plain.makeDirectory(configuration.logDirectory)
            return try KernelDisk(probing: configuration.logDirectory)
        } catch {
            throw .directory(error)
        }
    }

    private static func refuseApacheStore(
        _ configuration: ServerConfiguration, on disk: KernelDisk
    ) throws(StartError) {
        let found: String?
        do throws(DiskError) { found = try ApacheStore.found(in: configuration, on: disk) } catch {
            throw .directory(error)
        }
        if let found { throw .apacheStore(found: found) }
    }

    static func rules(_ configuration: ServerConfiguration) -> TreeRules {
        var rules = TreeRules()
        rules.accessListByteCountMax = min(rules.accessListByteCountMax, configuration.requestByteCountMax)
        rules.multiByteCountMax = configuration.requestByteCountMax * 5 / 4 + rules.accessListByteCountMax
        rules.areExtendedTypesEnabled = configuration.nodes.extendedTypesEnabled
        rules.enforcesQuotas = configuration.nodes.enforcesQuotas
        rules.recordsDigests = configuration.nodes.recordsDigests
        rules.listsNodesOfClosedSessions = configuration.nodes.listsNodesOfClosedSessions
        rules.skipsAccessChecks = configuration.access.skipsACL
        rules.hidesExistence = configuration.access.hidesExistence
        rules.listReplyByteCountMax = configuration.admission.listReplyByteCountMax
        rules.authentication = configuration.authentication.rules
        return rules
    }

    static func storageConfiguration(_ configuration: ServerConfiguration) -> StorageConfiguration {
        var log = LogConfiguration(random: { .random(in: 0...UInt64.max) })
        log.segmentByteCount = configuration.segmentByteCount
        var storage = StorageConfiguration(
            dataDirectory: configuration.dataDirectory, logDirectory: configuration.logDirectory, log: log)
        storage.snapshotRetainCount = configuration.retainedSnapshotCount
        storage.ownerDescription =
            "zkserver, process \(SystemFacts.processID), host \(SystemFacts.hostName), "
            + "boot \(SystemFacts.bootID)\n"
        return storage
    }

    private static func open(
        _ configuration: ServerConfiguration, on disk: KernelDisk, _ loader: inout StateLoader,
        _ figures: inout StartFigures
    ) throws(StartError) -> Storage<KernelDisk> {
        do throws(StorageError) {
            return try Storage.open(
                storageConfiguration(configuration), on: disk, time: Clock.wallMilliseconds()
            ) { snapshot in
                let start = Clock.monotonicNanoseconds()
                try loader.load(snapshot, forEachBlock: BlockDecoding(snapshot).forEachBlock)
                figures.snapshotMilliseconds = milliseconds(since: start)
            }
        } catch {
            throw .storage(error)
        }
    }

    /// One line for each thing that was not as it should be.
    private static func report(_ report: StorageReport, to logger: Logger) {
        if case .torn = report.log.recovery.verdict {
            let kept = report.log.cutBytesPath.map { "; its bytes are kept in \($0)" } ?? ""
            logger.warning("log \(report.log.recovery.verdict)\(kept)")
        }
        for defect in report.log.recovery.harmlessDefects {
            logger.warning("log damaged at \(defect); no record stood there")
        }
        for path in report.log.repairedHeaderPaths {
            logger.warning("\(path): one of its two headers was rewritten")
        }
        for failure in report.snapshotFailures {
            let place = failure.quarantinedAs.map { ", set aside as \($0)" } ?? ""
            logger.error("\(failure.path): not loaded: \(failure.reason)\(place)")
        }
        if !report.repairedSlots.isEmpty {
            logger.warning("metadata slots \(report.repairedSlots) were rewritten")
        }
    }
}
