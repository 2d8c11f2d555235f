/// The stretch of a run that counts: from the end of the warm-up to the end of the duration.
struct MeasuringWindow {
    let beginNanoseconds: Int64
    let endNanoseconds: Int64
    private let servers: [Int32]
    private(set) var begin: ProcessSample?
    private(set) var end: ProcessSample?
    /// Replies that came within the window.
    private(set) var answeredCount = 0

    private init(from begin: Int64, to end: Int64, servers: [Int32]) {
        beginNanoseconds = begin
        endNanoseconds = end
        self.servers = servers
    }

    /// The window of a run that begins now.
    init(_ plan: RunPlan, began: Int64) {
        let begin = began + plan.warmUpNanoseconds
        self.init(from: begin, to: begin + plan.durationNanoseconds, servers: plan.servers)
    }

    var isOver: Bool { end != nil }

    /// Takes the samples when their moments have come.
    mutating func advance(to now: Int64) throws(LoadFailure) {
        if begin == nil, now >= beginNanoseconds { begin = try ProcessSample(servers: servers) }
        if end == nil, now >= endNanoseconds { try finish() }
    }

    /// Ends the window now.
    mutating func finish() throws(LoadFailure) {
        if begin == nil { begin = try ProcessSample(servers: servers) }
        if end == nil { end = try ProcessSample(servers: servers) }
    }

    /// What was measured; the window is over.
    func measurement(
        _ latencies: consuming LatencyHistogram, unansweredCount: Int = 0
    ) throws(LoadFailure) -> Measurement {
        guard let begin, let end else { throw LoadFailure("the run ended before it was measured") }
        return Measurement(
            latencies: latencies, begin: begin, end: end, answeredCount: answeredCount,
            unansweredCount: unansweredCount, memory: try ProcessSample.memory(of: servers))
    }

    mutating func count(_ replies: Int) {
        if begin != nil && end == nil { answeredCount += replies }
    }
}

/// What a run has shown.
struct Measurement: ~Copyable {
    var latencies: LatencyHistogram
    var begin: ProcessSample
    var end: ProcessSample
    var answeredCount: Int
    /// Open loop only: requests that were due and had no reply when the run gave up waiting.
    var unansweredCount: Int
    var memory: (resident: Int, peak: Int)
}
