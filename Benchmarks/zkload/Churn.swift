/// Sessions that come and go: each is opened, closed in the protocol's way, and followed by the next one
/// as soon as the server has closed its connection.
struct Churn: ~Copyable {
    /// A session in the making or at its end.
    private struct Turn {
        var begunNanoseconds: Int64 = 0
        /// The server has answered the close; now it has to close the connection too.
        var isAnswered = false
    }

    private static let closeXid: Int32 = 1
    private var pool: SessionPool
    private var turns: [Turn]
    private var openCount = 0
    private let closeRequest = FrameBytes.close(xid: closeXid).framed

    /// `parallelCount` sessions at any time.
    init(parallelCount: Int, servers: [ServerAddress]) throws(LoadFailure) {
        pool = try SessionPool(count: parallelCount, servers: servers)
        turns = [Turn](repeating: Turn(), count: parallelCount)
    }

    /// An operation is a whole session; its latency runs from the connect to the end of the connection.
    mutating func run(_ plan: RunPlan) throws(LoadFailure) -> Measurement {
        let began = monotonicNanoseconds()
        var window = MeasuringWindow(plan, began: began)
        var latencies = LatencyHistogram()
        try window.advance(to: began)
        for session in 0..<pool.count { try begin(session) }
        while openCount > 0 {
            let count = try pool.wait(nanoseconds: nanosecondsPerSecond / 10)
            let now = monotonicNanoseconds()
            try window.advance(to: now)
            for event in 0..<count {
                let session = pool.session(ofEvent: event)
                guard try isOver(session) else { continue }
                pool.disconnect(session)
                openCount -= 1
                window.count(1)
                if turns[session].begunNanoseconds >= window.beginNanoseconds {
                    latencies.record(nanoseconds: monotonicNanoseconds() - turns[session].begunNanoseconds)
                }
                if !window.isOver { try begin(session) }
            }
        }
        return try window.measurement(latencies)
    }

    private mutating func begin(_ session: Int) throws(LoadFailure) {
        turns[session] = Turn(begunNanoseconds: monotonicNanoseconds())
        try pool.connect(session)
        openCount += 1
    }

    /// Takes a session's next step; true when its connection has ended as it should.
    private mutating func isOver(_ session: Int) throws(LoadFailure) -> Bool {
        guard pool.stage(session) == .open else {
            if try pool.progress(session) { try pool.send(closeRequest, on: session) }
            return false
        }
        let isConnected = try pool.receive(session)
        while let frame = try pool.nextFrame(session) {
            guard !turns[session].isAnswered, ServerFrame(frame).answers(Self.closeXid) else {
                throw LoadFailure("a wrong answer to closing a session")
            }
            turns[session].isAnswered = true
        }
        guard isConnected || turns[session].isAnswered else {
            throw LoadFailure("the server closed a connection before it had closed the session")
        }
        return !isConnected
    }
}
