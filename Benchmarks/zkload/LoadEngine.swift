import CSocket

/// How long a run is and what it accepts.
struct RunPlan {
    var warmUpNanoseconds: Int64 = 0
    var durationNanoseconds: Int64 = .max / 4
    /// The run ends early once this many requests are answered.
    var requestCountMax: Int = .max
    var toleratedError: Int32 = ServerError.none
    /// The processes whose processor time and memory are reported.
    var servers: [Int32] = []
}

/// Connections under load, driven by one thread around one epoll.
struct LoadEngine: ~Copyable {
    private static let eventCountMax = 256
    private static let stallNanoseconds = 60 * nanosecondsPerSecond
    static let drainNanoseconds = 30 * nanosecondsPerSecond

    let connectionCount: Int
    let connections: UnsafeMutablePointer<Connection>
    let poller: Int32
    private let events: UnsafeMutablePointer<csocket_event>

    /// Opens `count` sessions, spread over the servers in turn, for requests of `source`.
    init(
        servers: [ServerAddress], count: Int, outstandingCountMax: Int, for source: borrowing RequestSource
    ) throws(LoadFailure) {
        poller = csocket_poller()
        connectionCount = count
        connections = .allocate(capacity: count)
        events = .allocate(capacity: Self.eventCountMax)
        guard poller >= 0 else { throw LoadFailure("epoll", code: poller) }
        _ = csocket_wake_precisely()
        for index in 0..<count {
            let session = try Session.open(servers[index % servers.count])
            let connection = try Connection(
                session, outstandingCountMax: outstandingCountMax,
                requestByteCountMax: source.requestByteCountMax,
                replyByteCountMax: source.sizes.replyByteCountMax)
            let status = csocket_watch(poller, connection.wire.descriptor, Int32(index))
            (connections + index).initialize(to: connection)
            guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
        }
    }

    /// Ends every session in the protocol's way, unless replies are still missing, and frees everything.
    consuming func close() throws(LoadFailure) {
        if outstandingCount == 0 {
            for index in 0..<connectionCount { try connections[index].close() }
        }
        connections.deinitialize(count: connectionCount)
        connections.deallocate()
        events.deallocate()
        _ = csocket_close(poller)
    }

    /// Keeps `depth` requests outstanding on every connection: each reply is followed by a new request.
    mutating func closedLoop(
        _ plan: RunPlan, depth: Int, from source: inout RequestSource
    ) throws(LoadFailure) -> Measurement {
        let began = monotonicNanoseconds()
        var window = MeasuringWindow(plan, began: began)
        try window.advance(to: began)
        let check = ReplyCheck(tolerating: plan.toleratedError, for: source)
        var latencies = LatencyHistogram()
        var unissuedCount = plan.requestCountMax
        for index in 0..<connectionCount {
            let count = min(depth, unissuedCount)
            unissuedCount -= count
            connections[index].issue(count, from: &source, due: monotonicNanoseconds())
            try flush(index)
        }
        var lastReply = began
        while !window.isOver {
            let count = try wait(nanoseconds: nanosecondsPerSecond / 10)
            let now = monotonicNanoseconds()
            try window.advance(to: now)
            guard now - lastReply < Self.stallNanoseconds else {
                throw LoadFailure("no reply in \(Self.stallNanoseconds / nanosecondsPerSecond) s")
            }
            for index in 0..<count {
                let event = events[index]
                let connection = Int(event.index)
                if event.readable != 0 {
                    let replies = try connections[connection].receive(
                        checking: check, latencies: &latencies, recordedFrom: window.beginNanoseconds)
                    window.count(replies)
                    lastReply = now
                    let again = window.isOver ? 0 : min(replies, unissuedCount)
                    unissuedCount -= again
                    connections[connection].issue(again, from: &source, due: monotonicNanoseconds())
                }
                try flush(connection)
            }
            if unissuedCount == 0 && outstandingCount == 0 { try window.finish() }
        }
        try drain(check)
        return try window.measurement(latencies)
    }

    /// Waits until a connection is ready, at most `nanoseconds`; returns how many events there are.
    func wait(nanoseconds: Int64) throws(LoadFailure) -> Int {
        let count = csocket_wait(poller, events, Int32(Self.eventCountMax), nanoseconds)
        guard count >= 0 else { throw LoadFailure("epoll_pwait2", code: count) }
        return Int(count)
    }

    func event(_ index: Int) -> csocket_event { events[index] }

    /// Sends what connection `index` has to send, and lets the poller tell when the rest can go.
    func flush(_ index: Int) throws(LoadFailure) {
        let isWaiting = try !connections[index].flush()
        guard isWaiting != connections[index].isWatchingWrites else { return }
        let status = csocket_watch_writes(
            poller, connections[index].wire.descriptor, Int32(index), isWaiting ? 1 : 0)
        guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
        connections[index].isWatchingWrites = isWaiting
    }

    /// How the first connection talks: "plain", or a version of TLS and a cipher suite.
    var transport: String { connections[0].wire.transport }

    var outstandingCount: Int {
        (0..<connectionCount).reduce(0) { $0 + connections[$1].outstandingCount }
    }

    /// Receives the replies that are still due after the window; they count no more.
    private func drain(_ check: ReplyCheck) throws(LoadFailure) {
        let end = monotonicNanoseconds() + Self.drainNanoseconds
        var unused = LatencyHistogram()
        while outstandingCount > 0 {
            guard monotonicNanoseconds() < end else {
                throw LoadFailure("\(outstandingCount) requests without a reply at the end of the run")
            }
            for index in 0..<(try wait(nanoseconds: nanosecondsPerSecond / 10)) {
                let connection = Int(events[index].index)
                _ = try connections[connection].receive(
                    checking: check, latencies: &unused, recordedFrom: .max)
                try flush(connection)
            }
        }
    }
}
