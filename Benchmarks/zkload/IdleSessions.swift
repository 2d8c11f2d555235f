/// Sessions that do nothing but live: each sends its ping in time, as clients do.
struct IdleSessions: ~Copyable {
    private var pool: SessionPool
    private let intervalNanoseconds: Int64
    /// When each session's unanswered ping was due; nil when none is.
    private var due: [Int64?]
    private let ping = FrameBytes.ping.framed
    /// What the servers' processes held before the sessions came, in bytes.
    let residentBefore: Int

    /// Opens `count` sessions, each of which pings once an interval.
    init(
        count: Int, intervalNanoseconds: Int64, servers: [ServerAddress], processes: [Int32]
    ) throws(LoadFailure) {
        let before = try ProcessSample.memory(of: processes).resident
        var pool = try SessionPool(count: count, servers: servers)
        try pool.openAll()
        self.intervalNanoseconds = intervalNanoseconds
        residentBefore = before
        due = [Int64?](repeating: nil, count: count)
        self.pool = pool
    }

    /// An operation is a ping; its latency runs from the moment it was due. All pings are answered at the
    /// end, and the sessions stay open.
    mutating func run(_ plan: RunPlan) throws(LoadFailure) -> Measurement {
        let began = monotonicNanoseconds()
        var window = MeasuringWindow(plan, began: began)
        var latencies = LatencyHistogram()
        var schedule = ArrivalSchedule(
            began: began, end: window.endNanoseconds,
            rate: Double(pool.count) * 1e9 / Double(intervalNanoseconds), requestCountMax: .max)
        var outstandingCount = 0
        while !window.isOver || outstandingCount > 0 {
            var now = monotonicNanoseconds()
            try window.advance(to: now)
            while let moment = schedule.due, moment <= now, due[schedule.issuedCount % pool.count] == nil {
                let session = schedule.issuedCount % pool.count
                due[session] = moment
                try pool.send(ping, on: session)
                schedule.issuedCount += 1
                outstandingCount += 1
            }
            now = monotonicNanoseconds()
            for event in 0..<(try pool.wait(nanoseconds: max(0, schedule.nextWake(after: now) - now))) {
                let session = pool.session(ofEvent: event)
                let count = try receive(session, &latencies, recordedFrom: window.beginNanoseconds)
                outstandingCount -= count
                window.count(count)
            }
        }
        return try window.measurement(latencies)
    }

    /// Ends the sessions and waits for the answers.
    consuming func close() throws(LoadFailure) { try pool.closeAll() }

    /// Returns how many pings were answered.
    private mutating func receive(
        _ session: Int, _ latencies: inout LatencyHistogram, recordedFrom: Int64
    ) throws(LoadFailure) -> Int {
        guard try pool.receive(session) else { throw LoadFailure("the server closed an idle session") }
        var count = 0
        while let frame = try pool.nextFrame(session) {
            guard let moment = due[session], ServerFrame(frame).answers(FrameBytes.pingXid) else {
                throw LoadFailure("a wrong answer to a ping")
            }
            if moment >= recordedFrom { latencies.record(nanoseconds: monotonicNanoseconds() - moment) }
            due[session] = nil
            count += 1
        }
        return count
    }
}
