import DataTree
import Disk
import Identifiers
import Logging
import NIOCore
import NIOPosix
import Replication
import Snapshots
import Storage
import Synchronization
import TransactionLog

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

/// A running server: storage, threads and sockets around a core.
package final class RunningServer: @unchecked Sendable {
    /// The port that clients connect to; the secure one, if that is the only one.
    package let port: Int
    /// The port that speaks TLS alone, if there is one.
    package let securePort: Int?
    let configuration: ServerConfiguration
    private let logger: Logger
    /// Keeps the directories locked; let go of at the end, by the thread that runs.
    private var storage: Storage<KernelDisk>?
    private let group: MultiThreadedEventLoopGroup
    let core: CoreReference
    private let listeners: Listeners
    /// Of the certificates, and the thread that keeps it.
    private let certificateWatch: (watch: CertificateWatch, thread: NamedThread)?
    private let pipeline: LogPipeline
    private let housekeeping: HousekeepingThread
    private let missedEventReader: MissedEventReader
    /// Nil if no audit log is asked for.
    private let auditWriter: AuditWriter?
    /// Filled with nil by whoever asks for the end, or with what went wrong.
    private let end = WorkQueue<ServerFailure?>()

    /// Takes the port, opens the data directory and loads it. Blocks until clients are served.
    ///
    /// The port comes first: a start that cannot have it leaves no trace in the data directory, however
    /// often it is tried.
    package init(_ configuration: ServerConfiguration, logger: Logger) throws(StartError) {
        self.configuration = configuration
        self.logger = logger
        auditWriter = try Self.auditWriter(configuration.audit, logger: logger)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let core = CoreReference(eventLoop: loop)
        self.core = core
        let opened: OpenedState
        let tls: TLSAcceptor?
        do throws(StartError) {
            try Self.findDirectories(configuration)
            tls = try Self.tls(configuration, core: core, logger: logger)
            listeners = try Self.listen(configuration, on: loop, core: core, tls: tls)
            opened = try OpenedState(configuration, logger: logger)
        } catch {
            auditWriter?.stop(saying: .serverStart, .failure)
            Self.end(group, logger)
            throw error
        }
        port = listeners.port ?? listeners.securePort ?? 0
        securePort = listeners.securePort
        let storage = opened.storage
        self.storage = storage
        pipeline = LogPipeline(
            storage.log, slowSyncMilliseconds: configuration.slowSyncMilliseconds
        ) { report in core.perform { $0.take(report) } }
        housekeeping = HousekeepingThread(storage, codec: configuration.snapshotCodec) { report in
            core.perform { $0.housekeeping?.take(report) }
        }
        missedEventReader = MissedEventReader(
            storage, millisecondsMax: configuration.watchCatchUp.millisecondsMax
        ) { search in core.perform { $0.resumption?.take(search) } }
        let parts = CoreParts(
            configuration: configuration, opened: opened, pipeline: pipeline, housekeeping: housekeeping,
            missedEventReader: missedEventReader, tls: tls, auditWriter: auditWriter, logger: logger,
            end: end)
        do {
            try loop.submit { core.set(parts.makeCore(on: loop)) }.wait()
        } catch {
            throw .listening("\(error)")
        }
        pipeline.start()
        housekeeping.start()
        missedEventReader.start()
        certificateWatch = tls.map {
            let watch = CertificateWatch($0.context, logger: logger)
            return (watch, watch.start())
        }
        let ports = [listeners.port.map { "port \($0)" }, securePort.map { "port \($0) (TLS)" }]
        auditWriter?.put(.serverStart, .success)
        logger.notice("serving clients on \(ports.compactMap { $0 }.joined(separator: ", "))")
    }

    /// A running writer; nil if no audit log is asked for.
    private static func auditWriter(
        _ settings: AuditSettings, logger: Logger
    ) throws(StartError) -> AuditWriter? {
        guard settings.isOn else { return nil }
        do throws(DiskError) {
            let writer = try AuditWriter(settings, logger: logger)
            writer.start()
            return writer
        } catch {
            throw .auditLog(error)
        }
    }

    /// Nil if no port speaks TLS.
    private static func tls(
        _ configuration: ServerConfiguration, core: CoreReference, logger: Logger
    ) throws(StartError) -> TLSAcceptor? {
        guard configuration.tls.isUsed else { return nil }
        do throws(StoreFileError) {
            return TLSAcceptor(try TLSContext(configuration.tls, logger: logger), core: core, logger: logger)
        } catch {
            throw .certificates(error)
        }
    }

    /// A disk that was not mounted must not look like a server that is new.
    private static func findDirectories(_ configuration: ServerConfiguration) throws(StartError) {
        guard !configuration.createsDirectories else { return }
        for path in [configuration.dataDirectory, configuration.logDirectory]
        where !SystemFacts.isDirectory(path) {
            throw .missingDirectory(path)
        }
    }

    private static func listen(
        _ configuration: ServerConfiguration, on loop: any EventLoop, core: CoreReference, tls: TLSAcceptor?
    ) throws(StartError) -> Listeners {
        do {
            return try Listeners.open(configuration, on: loop, core: core, tls: tls)
        } catch {
            throw .listening("\(error)")
        }
    }

    /// Asks a running server to end. Returns at once; may be called from any thread.
    package func requestStop() { end.put(nil) }

    /// Waits until the end is asked for or something fails, then stops. Once only.
    ///
    /// - Parameter beforeStopping: called when the end has come, while the core still answers.
    package func runUntilEnd(beforeStopping: () -> Void = {}) -> ServerExitCode {
        var ends: [ServerFailure?] = []
        _ = end.takeAll(into: &ends, deadline: nil)
        let failure = ends.first ?? nil
        beforeStopping()
        listeners.close()
        certificateWatch?.watch.stop()
        certificateWatch?.thread.join()
        if failure == nil { drain() }
        let lastCommitted = quiesce()
        housekeeping.stop()
        missedEventReader.stop()
        let isClean = stopLog(committed: lastCommitted, hasFailed: failure != nil)
        auditWriter?.stop(saying: .serverStop, .invoked)
        shutDownLoop()
        storage = nil
        guard failure == nil, isClean else { return .logFailure }
        logger.notice("stopped at zxid \(lastCommitted)")
        return .stopped
    }

    /// Waits until everything that was taken is answered, but not for ever.
    private func drain() {
        let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
        let drained = WorkQueue<Bool>()
        core.perform { $0.beginDraining() }
        var answers: [Bool] = []
        while Clock.monotonicNanoseconds() < deadline {
            core.perform { drained.put($0.isDrained) }
            guard drained.takeAll(into: &answers, deadline: deadline) == .items, answers.contains(false)
            else { return }
            answers = []
            _ = drained.takeAll(into: &answers, deadline: Clock.monotonicNanoseconds() + 5_000_000)
        }
        logger.warning("not everything was answered in 5 seconds; stopping anyway")
    }

    /// Ends all work on the loop; returns what is committed.
    private func quiesce() -> Zxid {
        let result = WorkQueue<Zxid>()
        core.perform { core in
            core.stopWork()
            result.put(core.broadcast.lastCommitted)
        }
        var zxids: [Zxid] = []
        _ = result.takeAll(into: &zxids, deadline: nil)
        return zxids.first ?? .zero
    }

    private func stopLog(committed: Zxid, hasFailed: Bool) -> Bool {
        do throws(LogError) {
            try pipeline.stop(committed: committed)
            return true
        } catch {
            if !hasFailed { logger.error("the log could not be closed in good order: \(error)") }
            return false
        }
    }

    private func shutDownLoop() {
        do {
            try group.next().submit { [core] in core.set(nil) }.wait()
        } catch {
            logger.warning("the event loop ended before the server: \(error)")
        }
        Self.end(group, logger)
    }

    /// Ends the loop, and with it every socket.
    private static func end(_ group: MultiThreadedEventLoopGroup, _ logger: Logger) {
        do {
            try group.syncShutdownGracefully()
        } catch {
            logger.warning("the event loop did not end in good order: \(error)")
        }
    }
}

/// What a core is made of, on its way to the loop. Used once.
private struct CoreParts: @unchecked Sendable {
    let configuration: ServerConfiguration
    let opened: OpenedState
    let pipeline: LogPipeline
    let housekeeping: HousekeepingThread
    let missedEventReader: MissedEventReader
    let tls: TLSAcceptor?
    let auditWriter: AuditWriter?
    let logger: Logger
    let end: WorkQueue<ServerFailure?>

    func makeCore(on loop: any EventLoop) -> Core {
        let core = Core(
            configuration, state: opened.takeState(), log: pipeline, logTail: opened.storage.log.tail,
            eventLoop: loop, logger: logger, onFailure: { [end] in end.put($0) })
        core.housekeeping = Housekeeping(
            core: core, thread: housekeeping, replayedRecordCount: opened.figures.replayedRecordCount,
            lastSnapshot: SnapshotMoment(of: opened.storage.report))
        core.resumption = WatchResumption(
            core: core, reader: missedEventReader, completeAfter: opened.storage.report.snapshotZxid)
        core.statistics.start = opened.figures
        core.tls = tls
        core.audit = auditWriter.map { AuditLog($0, logger: logger) }
        core.start()
        return core
    }
}
