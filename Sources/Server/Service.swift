import Disk
import Identifiers
import Logging
import Metadata
import NIOCore
import Replication
import Storage
import TransactionLog

/// What every opening of the store stands on, as long as the process runs.
struct ServerGround: @unchecked Sendable {
    let configuration: ServerConfiguration
    let loop: any EventLoop
    let core: CoreReference
    /// Nil if no port speaks TLS.
    let tls: TLSAcceptor?
    /// Nil if no audit log is asked for.
    let auditWriter: AuditWriter?
    let logger: Logger
    let tasks: WorkQueue<ServerTask>
}

/// What the thread that owns the server's parts is asked to do.
enum ServerTask: Sendable {
    /// To end: because of what went wrong, if anything did.
    case end(ServerFailure?)
    case restore(RestoreOrder)
}

/// One opening of the store and what works on it: the core, and the threads around it. A restore replaces it
/// by another; the sockets stay.
///
/// Belongs to the thread that runs the server.
final class Service {
    private let ground: ServerGround
    /// Keeps the directories locked.
    private let storage: Storage<KernelDisk>
    private let pipeline: LogPipeline
    private let housekeeping: HousekeepingThread
    private let missedEventReader: MissedEventReader

    /// Serves from here on.
    ///
    /// - Parameter past: what the service before it counted.
    init(_ opened: OpenedState, on ground: ServerGround, past: CoreFigures? = nil) throws(StartError) {
        self.ground = ground
        let storage = opened.storage
        self.storage = storage
        let configuration = ground.configuration
        let core = ground.core
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
            ground: ground, opened: opened, pipeline: pipeline, housekeeping: housekeeping,
            missedEventReader: missedEventReader, past: past)
        do {
            try ground.loop.submit { core.set(parts.makeCore()) }.wait()
        } catch {
            throw .listening("\(error)")
        }
        pipeline.start()
        housekeeping.start()
        missedEventReader.start()
    }

    /// Waits until everything that was taken is answered, but not for ever; nothing new is taken. False if
    /// it is not.
    func drain() -> Bool {
        let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
        let drained = WorkQueue<Bool>()
        ground.core.perform { $0.beginDraining() }
        var answers: [Bool] = []
        while Clock.monotonicNanoseconds() < deadline {
            ground.core.perform { drained.put($0.isDrained) }
            guard drained.takeAll(into: &answers, deadline: deadline) == .items else { return false }
            if !answers.contains(false) { return true }
            answers = []
            _ = drained.takeAll(into: &answers, deadline: Clock.monotonicNanoseconds() + 5_000_000)
        }
        return false
    }

    /// Takes requests again.
    func endDraining() { ground.core.perform { $0.endDraining() } }

    /// Closes the connections, ends the threads and closes the log; returns what is committed, and whether the
    /// log was closed in good order. Once only.
    func stop(hasFailed: Bool) -> (figures: CoreFigures, isClean: Bool) {
        let figures = quiesce()
        housekeeping.stop()
        missedEventReader.stop()
        let isClean = stopLog(committed: figures.lastCommitted, hasFailed: hasFailed)
        do {
            try ground.loop.submit { [core = ground.core] in core.retire() }.wait()
        } catch {
            ground.logger.warning("the event loop ended before the server: \(error)")
        }
        return (figures, isClean)
    }

    /// Ends all work on the loop.
    private func quiesce() -> CoreFigures {
        let result = WorkQueue<CoreFigures>()
        ground.core.perform { core in
            core.stopWork()
            result.put(core.figures)
        }
        var figures: [CoreFigures] = []
        _ = result.takeAll(into: &figures, deadline: nil)
        return figures.first ?? CoreFigures()
    }

    private func stopLog(committed: Zxid, hasFailed: Bool) -> Bool {
        do throws(LogError) {
            try pipeline.stop(committed: committed)
            return true
        } catch {
            if !hasFailed { ground.logger.error("the log could not be closed in good order: \(error)") }
            return false
        }
    }
}

/// What outlives a core: figures of the process.
struct CoreFigures: Sendable {
    var lastCommitted = Zxid.zero
    var statistics = ServerStatistics()
    var digestMismatchCount: UInt64 = 0
    /// Nanoseconds of the monotonic clock.
    var startedAt: Int64 = 0
}

extension Core {
    var figures: CoreFigures {
        CoreFigures(
            lastCommitted: broadcast.lastCommitted, statistics: statistics,
            digestMismatchCount: digestMismatchCount, startedAt: startedAt)
    }
}

/// What a core is made of, on its way to the loop. Used once.
private struct CoreParts: @unchecked Sendable {
    let ground: ServerGround
    let opened: OpenedState
    let pipeline: LogPipeline
    let housekeeping: HousekeepingThread
    let missedEventReader: MissedEventReader
    let past: CoreFigures?

    func makeCore() -> Core {
        let core = Core(
            ground.configuration, state: opened.takeState(),
            epoch: opened.storage.log.slots.metadata.currentEpoch, log: pipeline,
            logTail: opened.storage.log.tail, eventLoop: ground.loop, logger: ground.logger,
            onFailure: { [tasks = ground.tasks] in tasks.put(.end($0)) })
        core.housekeeping = Housekeeping(
            core: core, thread: housekeeping, replayedRecordCount: opened.figures.replayedRecordCount,
            lastSnapshot: SnapshotMoment(of: opened.storage.report))
        core.resumption = WatchResumption(
            core: core, reader: missedEventReader, completeAfter: opened.storage.report.snapshotZxid)
        core.statistics.start = opened.figures
        core.tls = ground.tls
        core.audit = ground.auditWriter.map { AuditLog($0, logger: ground.logger) }
        if let past { core.goOn(from: past) }
        core.start()
        return core
    }
}
