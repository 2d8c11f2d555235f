import DataTree
import Identifiers
import Jute
import Logging
import NIOCore
import Sessions
import TransactionLog

/// Tells clients that come back what their persistent watches missed, out of the log. Lives on the core's
/// loop.
///
/// A setWatches2 that needs it is put aside, and its connection takes nothing more, until the log was read
/// up to what is applied at some moment. Then, at that moment, everything happens at once: the events of its
/// standard watches, those that were missed, the reply, and from there on live events. So none is lost
/// between the two, and none comes twice.
final class WatchResumption {
    /// Records that are read on the loop itself, as they are in memory; about a millisecond's work.
    private static let recordCountMaxOnLoop = 2048
    private static let beatMilliseconds: Int64 = 500
    /// How long after a client's end the reset may come that says it had not read everything.
    private static let resetMilliseconds: Int64 = 100

    struct Counters {
        var catchUps: UInt64 = 0
        var events: UInt64 = 0
        /// Requests that were answered without what was missed.
        var truncated: UInt64 = 0
        /// Events that the client might not have been allowed to see.
        var withheld: UInt64 = 0
    }

    private struct Pending {
        var xid: Int32
        var body: [UInt8]
    }

    private unowned let core: Core
    private let reader: MissedEventReader
    private let settings: WatchCatchUpSettings
    /// The tree has held every node that existed after this zxid.
    private let completeAfter: Zxid
    private var pending: [Sessions.Owner: Pending] = [:]
    /// How far clients that are gone have read, if that is known; they may come back.
    private var delivered: [SessionID: Zxid] = [:]
    private var changes: RecordChanges
    private var isBeating = false
    private(set) var counters = Counters()

    /// - Parameter completeAfter: the zxid of the snapshot that the tree was loaded from.
    init(core: Core, reader: MissedEventReader, completeAfter: Zxid) {
        self.core = core
        self.reader = reader
        settings = core.configuration.watchCatchUp
        self.completeAfter = completeAfter
        changes = core.tree.makeRecordChanges()
    }

    var measures: [Measure] {
        [
            .counter("aviary_watch_catchups", counters.catchUps),
            .counter("aviary_watch_catchup_events", counters.events),
            .counter("aviary_watch_catchup_truncated", counters.truncated),
            .counter("aviary_watch_catchup_withheld", counters.withheld),
            .gauge("aviary_watch_catchup_waiting", pending.count),
            .gauge("aviary_watch_reserved_bytes", core.tree.watchReservedByteCount),
        ]
    }

    // MARK: A client comes back

    /// Takes a setWatches2 over, if there is something that its persistent watches may have missed; false
    /// if not, and then it is answered as it is.
    func begin(_ request: borrowing RequestFrame, on connection: Connection) -> Bool {
        guard settings.isOn, let watched = watched(by: request.body, on: connection) else { return false }
        let start = max(watched.from, delivered[connection.sessionID] ?? .zero)
        guard start < core.tree.lastAppliedZxid, start >= .zero else { return false }
        counters.catchUps += 1
        var search = MissedEventSearch(
            owner: connection.number, position: start,
            missed: MissedEvents(watched.paths, countMax: settings.eventCountMax),
            byteCountLeft: settings.logByteCountMax, pin: core.logTail.pin(after: start))
        let oldest = core.logTail.oldestRetained
        if start < oldest { search.shortfall = .notRetained(oldest: oldest) }
        connection.isCatchingUp = true
        pending[connection.number] = Pending(
            xid: request.xid, body: request.body.withUnsafeBytes { [UInt8]($0) })
        if !advance(&search) { scheduleBeat() }
        return true
    }

    private func watched(
        by body: RawSpan, on connection: Connection
    ) -> (paths: WatchedPaths, from: Zxid)? {
        var reader = JuteReader(body)
        do throws(JuteDefect) {
            let request = try SetWatchesRequest(.setWatches2, from: &reader)
            guard request.persistent.count + request.persistentRecursive.count > 0 else { return nil }
            let paths = core.tree.newPersistentWatches(of: request, watcher: connection.index)
            guard paths.count > 0 else { return nil }
            return (paths, Zxid(rawValue: request.relativeZxid))
        } catch {
            // Whoever answers the request says what is wrong with it.
            return nil
        }
    }

    /// Takes a search back from the thread that reads the log.
    func take(_ search: MissedEventSearch) {
        var search = search
        core.readClocks()
        guard pending[search.owner] != nil else { return }
        _ = advance(&search)
    }

    /// Ends a search that has come to its end or is near it; else hands it to the thread. False then.
    private func advance(_ search: inout MissedEventSearch) -> Bool {
        let end = core.tree.lastAppliedZxid
        var left = Self.recordCountMaxOnLoop
        while search.shortfall == nil, search.position < end {
            guard left > 0, let batch = core.logTail.batchInMemory(after: search.position) else {
                reader.search(search, changes)
                return false
            }
            left -= batch.recordCount
            search.take(batch, upTo: end, &changes)
        }
        finish(search)
        return true
    }

    /// Answers the request at last.
    private func finish(_ search: MissedEventSearch) {
        guard let request = pending.removeValue(forKey: search.owner),
            let connection = core.connections.connection(search.owner)
        else { return }
        connection.isCatchingUp = false
        guard connection.phase.takesRequests else { return }
        var missed: MissedEvents? = search.missed
        if let reason = search.shortfall {
            missed = nil
            counters.truncated += 1
            core.logger.warning(
                """
                \(connection.remoteDescription) \(connection.sessionID): \(search.missed.watchCount) persistent \
                watches are set again without what happened since they were last served: \(reason)
                """)
        }
        core.setWatches(.setWatches2, xid: request.xid, request.body.span.bytes, missed, on: connection)
        if let slot = connection.sessionSlot {
            core.sessions.touch(slot, now: core.nowMilliseconds)
        }
        core.touch(connection)
        core.scheduleTurnEnd()
    }

    /// Appends what was missed and may be told to what the connection will send; returns how many events.
    func append(_ missed: MissedEvents, to connection: Connection) -> Int {
        var count = 0
        let withheld = core.tree.deliver(
            missed, to: connection.identities, completeAfter: completeAfter
        ) { type, path, zxid in
            connection.out.append(notificationOf: type, path: path, zxid: zxid)
            count += 1
        }
        counters.events += UInt64(count)
        counters.withheld += UInt64(withheld)
        return count
    }

    /// A client whose request waits is not silent of its own will: its session does not expire.
    private func scheduleBeat() {
        guard !isBeating else { return }
        isBeating = true
        core.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.beatMilliseconds)) { [self] in
            isBeating = false
            guard !pending.isEmpty, !core.hasFailed else { return }
            core.readClocks()
            for owner in pending.keys.sorted() {
                if let slot = core.connections.connection(owner)?.sessionSlot {
                    core.sessions.touch(slot, now: core.nowMilliseconds)
                }
            }
            scheduleBeat()
        }
    }

    // MARK: What clients have read

    /// From now on the connection's persistent watches are served.
    func noteWatching(_ connection: Connection) {
        guard settings.isOn, connection.trail == nil else { return }
        connection.trail = WatchTrail(applied: core.tree.lastAppliedZxid, now: core.now)
        connection.noticesHalfClosure()
    }

    /// A client with persistent watches talks.
    func noteSign(of connection: Connection) {
        connection.trail?.noteSign(
            applied: core.tree.lastAppliedZxid, now: core.now,
            timeoutNanoseconds: Int64(connection.sessionTimeout) * 1_000_000
        ) { connection.isAllTaken }
    }

    /// A client has closed its end. Nothing more is sent; whether its kernel resets the connection, too, is
    /// known a little later.
    func noteInputClosed(of connection: Connection) {
        if connection.isAllTaken {
            connection.trail?.noteInputClosed(
                applied: core.tree.lastAppliedZxid, now: core.now,
                timeoutNanoseconds: Int64(connection.sessionTimeout) * 1_000_000)
        }
        connection.phase = .closing
        core.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.resetMilliseconds)) { [self] in
            noteEnd(of: connection)
            connection.close()
        }
    }

    /// A connection is gone or about to go, or its session is served elsewhere.
    func noteEnd(of connection: Connection) {
        pending[connection.number] = nil
        guard let trail = connection.trail else { return }
        connection.trail = nil
        let confirmed = trail.confirmed { connection.hasClientClosedInOrder }
        if confirmed > delivered[connection.sessionID] ?? .zero, core.sessions.contains(connection.sessionID)
        {
            delivered[connection.sessionID] = confirmed
        }
    }

    /// A session has ended.
    func forget(_ session: SessionID) { delivered[session] = nil }
}
