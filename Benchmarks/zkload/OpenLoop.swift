import CSocket

extension LoadEngine {
    /// Sends request i at `start + i / rate`, whatever has become of the requests before it, over the
    /// connections in turn. Latency counts from that moment, also when the request could leave only
    /// later: a server that stops for a second is charged for all that should have run meanwhile.
    ///
    /// What is due in the window and unanswered 30 s after its end counts with the time it has waited.
    mutating func openLoop(
        _ plan: RunPlan, rate: Double, from source: inout RequestSource
    ) throws(LoadFailure) -> Measurement {
        let began = monotonicNanoseconds()
        var window = MeasuringWindow(plan, began: began)
        let check = ReplyCheck(tolerating: plan.toleratedError, for: source)
        var latencies = LatencyHistogram()
        var schedule = ArrivalSchedule(
            began: began, end: window.endNanoseconds, rate: rate, requestCountMax: plan.requestCountMax)
        let giveUp = window.endNanoseconds + Self.drainNanoseconds
        while true {
            var now = monotonicNanoseconds()
            try window.advance(to: now)
            if schedule.isOver && window.isOver && outstandingCount == 0 { break }
            if now >= giveUp { break }
            try issueDue(&schedule, at: now, from: &source)
            now = monotonicNanoseconds()
            let count = try wait(nanoseconds: max(0, schedule.nextWake(after: now) - now))
            for index in 0..<count {
                let connection = Int(event(index).index)
                if event(index).readable != 0 {
                    window.count(
                        try connections[connection].receive(
                            checking: check, latencies: &latencies,
                            recordedFrom: window.beginNanoseconds))
                }
                try flush(connection)
            }
        }
        return try finish(latencies, schedule, window)
    }

    /// Issues everything that is due by `now`, as far as connections have room, and sends it.
    private func issueDue(
        _ schedule: inout ArrivalSchedule, at now: Int64, from source: inout RequestSource
    ) throws(LoadFailure) {
        let first = schedule.issuedCount
        while let due = schedule.due, due <= now {
            let connection = schedule.issuedCount % connectionCount
            guard connections[connection].hasRoom else { break }
            connections[connection].issue(1, from: &source, due: due)
            schedule.issuedCount += 1
        }
        for offset in 0..<min(schedule.issuedCount - first, connectionCount) {
            try flush((first + offset) % connectionCount)
        }
    }

    /// Adds what was never answered, sent or not, with its wait until now.
    private func finish(
        _ latencies: consuming LatencyHistogram, _ schedule: ArrivalSchedule, _ window: MeasuringWindow
    ) throws(LoadFailure) -> Measurement {
        let now = monotonicNanoseconds()
        var unansweredCount = outstandingCount
        for index in 0..<connectionCount {
            connections[index].recordUnanswered(in: &latencies, at: now)
        }
        var unsent = schedule
        while let due = unsent.due {
            latencies.record(nanoseconds: now - due)
            unsent.issuedCount += 1
            unansweredCount += 1
        }
        return try window.measurement(latencies, unansweredCount: unansweredCount)
    }
}

/// When requests are due: evenly spaced from `began` to `end`.
struct ArrivalSchedule {
    /// Above 20 000 a second requests leave in ticks of this length: waking up for each would take more
    /// processor time than sending it, and generator and server may share the processors.
    private static let tickNanoseconds: Int64 = 100_000
    private let began: Int64
    private let interval: Double
    private let requestCount: Int
    var issuedCount = 0

    init(began: Int64, end: Int64, rate: Double, requestCountMax: Int) {
        self.began = began
        interval = Double(nanosecondsPerSecond) / rate
        requestCount = min(requestCountMax, Int(Double(end - began) / interval))
    }

    var isOver: Bool { issuedCount >= requestCount }

    /// When the next request is due; nil when all have been issued.
    var due: Int64? { isOver ? nil : began + Int64(Double(issuedCount) * interval) }

    /// When to look again, unless a reply comes first: at the next request, but not sooner than a tick
    /// from now when more than two requests come in a tick.
    func nextWake(after now: Int64) -> Int64 {
        guard let due else { return now + nanosecondsPerSecond / 100 }
        return interval * 2 < Double(Self.tickNanoseconds) ? max(due, now + Self.tickNanoseconds) : due
    }
}
