import DequeModule
import DataTree
import Identifiers
import Jute
import Loading
import Logging
import NIOCore
import Replication
import Sessions
import TransactionLog

/// The state of the server and the order in which things happen to it.
///
/// Everything here belongs to one event loop. Requests come in by `receive`, committed batches by
/// `learn`; replies gather in the connections and leave once a turn.
///
/// Values that every request touches several times are `@exclusivity(unchecked)`, here and in
/// `Connection`: the run-time check was a tenth of a request's time. It would find nothing: one thread uses
/// them, and none of their methods calls back into the core.
package final class Core {
    package let configuration: ServerConfiguration
    let logger: Logger
    let eventLoop: any EventLoop
    let nextTurn: NextTurn
    let log: LogPipeline
    let logTail: LogTail
    /// Told when the core cannot go on; the server ends then.
    let onFailure: (ServerFailure) -> Void
    let me = ServerID(rawValue: 0)
    /// What a standalone server puts into its session identifiers, as Apache's does.
    private static let sessionServer = ServerID(rawValue: 1)

    @exclusivity(unchecked) package internal(set) var tree: DataTree
    var sessions: Sessions
    var bindings: SessionBindings
    var broadcast: Broadcast
    var connections = ConnectionTable()
    @exclusivity(unchecked) var statistics = ServerStatistics()
    var housekeeping: Housekeeping?
    var resumption: WatchResumption?
    /// Nil if no port speaks TLS.
    var tls: TLSAcceptor?
    /// Nil if it is switched off, which is all that a write then asks.
    @exclusivity(unchecked) var audit: AuditLog?

    /// Of the present turn: nanoseconds of the monotonic clock, and milliseconds since 1970, which never
    /// go back even if the wall clock does.
    @exclusivity(unchecked) var now: Int64
    @exclusivity(unchecked) var wallMilliseconds: Int64
    private(set) var startedAt: Int64
    /// Before the first transaction of the store's epoch. A store that was restored begins a new one, so
    /// that clients which have seen more than it holds may come back: nothing they saw is in that epoch.
    let epochStart: Zxid

    // Writes on their way, in the order of their zxids.
    @exclusivity(unchecked) var lastProposed: Zxid
    @exclusivity(unchecked) var building = RecordBuffer()
    @exclusivity(unchecked) var outstanding: Deque<OutstandingWrite> = []
    @exclusivity(unchecked) var outstandingByteCount = 0
    var deferredCount = 0
    /// Batches that the log thread has and did not report; while there are any, nothing is committed inline.
    var handedOverCount = 0
    /// Durable here and not yet committed by a quorum.
    var durableBatches: Deque<LogBatch> = []
    var loneCommitPause = LoneCommitPause()
    var isShortOfSpace = false
    /// Records after which the tree was not what they say, replayed or live. No command resets this.
    var digestMismatchCount: UInt64
    var hasFailed = false
    /// What `stmk` set: as ZooKeeper begins, and of no effect, since nothing is traced by kind here.
    var traceMask: Int64 = 0b1_0011_0010
    var isDraining = false

    // The turn.
    @exclusivity(unchecked) var touched: [Connection] = []
    var paused: [Connection] = []
    /// Connections that wait for `requestThrottleLimit`, the longest first.
    var throttled: Deque<Connection> = []
    var connectionThrottle: ConnectionThrottle
    var failedResumptions: FailedResumptions
    /// Bytes of large writes on their way.
    @exclusivity(unchecked) var largeRequestByteCount = 0
    /// Bytes that clients leave untaken or half sent.
    var backlogByteCount = 0
    var turnEndIsScheduled = false
    var lastDurableAt: Int64 = 0
    var idleCheckIsScheduled = false
    var owesWatermark = false
    var lastReapAt: Int64
    /// Nil between two rounds of the reaper.
    var reaperRound: ReaperRound?
    var reportedQuotaExcessCount: UInt64 = 0
    var nextQuotaReportAt: Int64 = 0
    var deadlines: Deque<ConnectionDeadline> = []
    var nextRefusalWarningAt: Int64 = 0
    var refusalLines = LineBudget()
    private var isWorking = false
    @exclusivity(unchecked) var pauses: LoopPauses

    // Buffers that are used again and again.
    @exclusivity(unchecked) var recordScratch: [UInt8] = []
    @exclusivity(unchecked) var replyScratch: [UInt8] = []
    @exclusivity(unchecked) var eventScratch: [UInt8] = []
    @exclusivity(unchecked) var events: [WatchEvent] = []
    var effects: [Broadcast.Effect] = []
    var sendBuffer = ByteBuffer()
    /// Into which sockets are read.
    var receiveBuffer = ReceiveBuffer()
    /// Buffers that connections gather replies in, while none needs them; and the bytes of all of them.
    @exclusivity(unchecked) var spareBuffers: [[UInt8]] = []
    @exclusivity(unchecked) var spareBufferByteCount = 0

    /// - Parameters:
    ///   - state: what storage held; every session gets a full timeout from now.
    ///   - epoch: the store's; its first transaction follows a state of an earlier one.
    ///   - onFailure: called once, on the loop.
    init(
        _ configuration: ServerConfiguration, state: consuming LoadedState, epoch: Epoch, log: LogPipeline,
        logTail: LogTail, eventLoop: any EventLoop, logger: Logger,
        onFailure: @escaping (ServerFailure) -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.eventLoop = eventLoop
        nextTurn = NextTurn(eventLoop)
        self.log = log
        self.logTail = logTail
        self.onFailure = onFailure
        now = Clock.monotonicNanoseconds()
        wallMilliseconds = Clock.wallMilliseconds()
        startedAt = now
        lastReapAt = now
        pauses = LoopPauses(now: now)
        let lastApplied = state.tree.lastAppliedZxid
        epochStart = Zxid(epoch: epoch, counter: 0)
        lastProposed = max(lastApplied, epochStart)
        bindings = SessionBindings(isOn: configuration.authentication.bindsSessions)
        broadcast = Broadcast(voters: [me], lastCommitted: lastApplied)
        sessions = Sessions(
            timeouts: configuration.timeouts,
            generator: SessionIDGenerator(server: Self.sessionServer, milliseconds: Clock.wallMilliseconds()),
            now: now / 1_000_000)
        for session in state.sessions {
            sessions.open(session.id, timeoutMilliseconds: session.timeoutMilliseconds, now: now / 1_000_000)
        }
        connectionThrottle = ConnectionThrottle(configuration.connectionThrottle, now: now / 1_000_000)
        failedResumptions = FailedResumptions(
            countMax: configuration.admission.failedResumptionsMax)
        digestMismatchCount = state.digestMismatchCount
        tree = state.takeTree()
        tree.resetCounts()
    }

    var nowMilliseconds: Int64 { now / 1_000_000 }

    /// Writes and reads taken and not answered.
    var outstandingCount: Int { outstanding.count + deferredCount }

    func logStatistics() -> LogStatistics { logTail.statistics }

    func readClocks() {
        now = Clock.monotonicNanoseconds()
        wallMilliseconds = max(wallMilliseconds, Clock.wallMilliseconds())
    }

    /// Takes over what another core of this process counted.
    func goOn(from past: CoreFigures) {
        let start = statistics.start
        statistics = past.statistics
        statistics.start = start
        digestMismatchCount += past.digestMismatchCount
        startedAt = past.startedAt
    }

    /// Begins the regular work: expiry, time limits of connections, the log's watermark.
    func start() {
        isWorking = true
        lastBeatAt = Clock.monotonicNanoseconds()
        scheduleBeat()
        closeUnknownSessions()
    }

    private var lastBeatAt: Int64 = 0
    /// The last beat was late and judged no session.
    private var wasLate = false

    private var beatMilliseconds: Int64 {
        min(max(Int64(configuration.timeouts.tickMilliseconds) / 4, 10), 500)
    }

    private func scheduleBeat() {
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(beatMilliseconds)) { [self] in
            guard isWorking else { return }
            beat()
            scheduleBeat()
        }
    }

    private func beat() {
        let interval = beatMilliseconds * 1_000_000
        readClocks()
        let isLate = now - lastBeatAt > 2 * interval
        let lateness = now - lastBeatAt - interval
        lastBeatAt = now
        if pauses.noteBeat(now: now, late: lateness) {
            logger.warning(
                """
                nothing was done for \(lateness / 1_000_000) ms: no client was answered, and no session's time \
                was judged; one request was as long as that, or the process had no processor
                """)
        }
        // A loop that stood still has not read yet what clients sent meanwhile; the next beat judges them.
        // Only the next: a loop that is always late has to judge, too.
        if !isLate || wasLate { expireSessions() }
        wasLate = isLate && !wasLate
        closeOverdueConnections()
        if owesWatermark { refreshWatermark() }
        reapIfDue()
        reportQuotaExcess()
    }

    private var lastWatermarkAt: Int64 = 0

    private func refreshWatermark() {
        guard now - lastWatermarkAt >= 1_000_000_000 else { return }
        lastWatermarkAt = now
        owesWatermark = false
        log.requestWatermark()
    }

    /// Nothing can be promised any more: says why, once, and gives up every connection.
    func fail(_ failure: ServerFailure) {
        guard !hasFailed else { return }
        hasFailed = true
        logger.critical("\(failure)")
        stopWork()
        onFailure(failure)
    }

    /// From now on no request is read; what was taken is still answered.
    func beginDraining() {
        isDraining = true
        for connection in connections.all { connection.pauseReading() }
    }

    /// Requests are read again.
    func endDraining() {
        isDraining = false
        for connection in connections.all { connection.resumeReading() }
    }

    var isDrained: Bool { outstanding.isEmpty && deferredCount == 0 }

    /// No more requests are taken; connections close.
    func stopWork() {
        isWorking = false
        housekeeping?.giveUp()
        for connection in connections.all { connection.close() }
    }
}

/// A write that has a zxid and no reply yet.
struct OutstandingWrite {
    enum Kind {
        case request
        case openSession
        case closeSession
        /// The server's own; nobody waits for a reply.
        case internalWork
    }

    var connection: Connection?
    var kind: Kind
    var xid: Int32
    var byteCount: Int32
    /// Bytes of the request, if it is a large one.
    var largeByteCount: Int32
    /// When the request arrived, nanoseconds of the monotonic clock.
    var arrivedAt: Int64
}

/// Why a running server ends by itself.
package enum ServerFailure: Error, Sendable, CustomStringConvertible {
    /// A write or sync failed; what was not acknowledged may or may not be durable.
    case log(LogError)
    /// A record that this server made cannot be read back.
    case unreadableRecord(Zxid, JuteDefect)

    package var description: String {
        switch self {
        case .log(let error):
            "the log failed, nothing more is acknowledged, the server ends: \(error)"
        case .unreadableRecord(let zxid, let defect):
            "the record \(zxid) cannot be applied, the server ends: \(defect)"
        }
    }
}
