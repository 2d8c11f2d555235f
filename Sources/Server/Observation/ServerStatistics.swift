import TransactionLog

/// What the server counts from its first day. Owned by the core; no lock.
struct ServerStatistics {
    var packetsReceived: UInt64 = 0
    var packetsSent: UInt64 = 0
    /// Microseconds from the arrival of a request until its reply was written.
    var readMicroseconds = Histogram()
    var writeMicroseconds = Histogram()
    var latencyMinimum = UInt64.max
    var connectionRequests: UInt64 = 0
    var connectionsRejected: UInt64 = 0
    var connectionsDropped: UInt64 = 0
    var sessionlessExpired: UInt64 = 0
    var sessionsExpired: UInt64 = 0
    var authFailures: UInt64 = 0
    var digestMismatches: UInt64 = 0
    var inlineCommits: UInt64 = 0
    var handedOverBatches: UInt64 = 0
    var refusedForSpace: UInt64 = 0
    var watchEventsSent: UInt64 = 0
    /// Requests waiting at the moments when a batch went to the log.
    var queueDepths = Histogram()

    mutating func noteRead(nanoseconds: Int64) {
        Self.note(nanoseconds, in: &readMicroseconds, &latencyMinimum)
    }

    mutating func noteWrite(nanoseconds: Int64) {
        Self.note(nanoseconds, in: &writeMicroseconds, &latencyMinimum)
    }

    private static func note(_ nanoseconds: Int64, in histogram: inout Histogram, _ minimum: inout UInt64) {
        let microseconds = UInt64(max(nanoseconds, 0)) / 1000
        histogram.record(microseconds)
        minimum = min(minimum, microseconds)
    }

    /// Least, mean and greatest latency of all requests in milliseconds, as ZooKeeper reports them.
    var latencyMilliseconds: (minimum: UInt64, average: Double, maximum: UInt64) {
        let count = readMicroseconds.count + writeMicroseconds.count
        guard count > 0 else { return (0, 0, 0) }
        let average = Double(readMicroseconds.sum + writeMicroseconds.sum) / Double(count) / 1000
        return (
            latencyMinimum / 1000, (average * 10_000).rounded() / 10_000,
            max(readMicroseconds.max, writeMicroseconds.max) / 1000
        )
    }
}
