import TransactionLog

/// What the server counts from its first day. Owned by the core; no lock.
struct ServerStatistics {
    var packetsReceived: UInt64 = 0
    var packetsSent: UInt64 = 0
    /// Microseconds from the arrival of a request until its reply was written.
    var readMicroseconds = Histogram()
    var writeMicroseconds = Histogram()
    /// Sockets that clients opened, and first frames that asked for a session and passed the throttle.
    var socketsOpened: UInt64 = 0
    var connectionRequests: UInt64 = 0
    /// Connections without TLS, from this machine and from others.
    var plainLocalConnections: UInt64 = 0
    var plainRemoteConnections: UInt64 = 0
    /// Tokens of `connectionMaxTokens` that were taken, at each request for a session.
    var tokenDeficits = Histogram()
    var connectionsRejected: UInt64 = 0
    /// Connections that ended from the client's side, its session still open.
    var connectionsDropped: UInt64 = 0
    /// Connections that were closed because they broke a rule.
    var connectionsCut: UInt64 = 0
    var sessionlessExpired: UInt64 = 0
    var sessionsExpired: UInt64 = 0
    var largeRequestsRejected: UInt64 = 0
    var staleRequestsDropped: UInt64 = 0
    /// Requests that waited longer than their session lives and were taken all the same.
    var staleRequests: UInt64 = 0
    /// Writes that were applied when whoever asked for them was gone.
    var staleReplies: UInt64 = 0
    var throttledOperations: UInt64 = 0
    /// How often a connection began to wait for the limit of requests.
    var requestThrottleWaits: UInt64 = 0
    /// Milliseconds that requests waited, while `requestThrottleLimit` is set.
    var throttleMilliseconds = Histogram()
    var authFailures: UInt64 = 0
    var ensembleAuthentication = EnsembleAuthenticationCounts()
    /// TLS handshakes that failed, and connections closed because too many were under way.
    var handshakesFailed: UInt64 = 0
    var handshakesRefused: UInt64 = 0
    var inlineCommits: UInt64 = 0
    var handedOverBatches: UInt64 = 0
    var refusedForSpace: UInt64 = 0
    var watchEventsSent: UInt64 = 0
    var firedWatches = FiredWatches()
    /// Sessions that came back with a connection of their own.
    var sessionsResumed: UInt64 = 0
    /// Bytes of requests with their lengths, of replies and of watch events without.
    var receivedByteCount: UInt64 = 0
    var responseByteCount: UInt64 = 0
    var eventByteCount: UInt64 = 0
    /// Bytes of one reply or event without its length; -1 until there is one.
    var lastResponseByteCount = -1
    var leastResponseByteCount = -1
    var greatestResponseByteCount = -1
    var operations = OperationCounts()
    /// Syncs of the log that took longer than `fsync.warningthresholdms`.
    var slowSyncs: UInt64 = 0
    /// Requests waiting at the moments when a batch went to the log.
    var queueDepths = Histogram()

    /// Milliseconds of restores, from the last byte that was received until clients were served again.
    var restoreMilliseconds = Histogram()
    var restoreErrorCount: UInt64 = 0

    /// What the start took; stays when the rest is reset, as it cannot be measured again.
    var start = StartFigures()

    /// - Parameter byteCount: without the length in front.
    @inline(__always)
    mutating func noteRequest(byteCount: Int) {
        packetsReceived &+= 1
        receivedByteCount &+= UInt64(truncatingIfNeeded: byteCount + 4)
    }

    /// - Parameter byteCount: with the length in front, here and below.
    @inline(__always)
    mutating func noteResponse(byteCount: Int, isPing: Bool = false) {
        // As with ZooKeeper: a ping's answer has a size and is no response.
        if !isPing { responseByteCount &+= UInt64(truncatingIfNeeded: byteCount - 4) }
        noteSize(byteCount - 4)
    }

    mutating func noteEvent(byteCount: Int) {
        watchEventsSent &+= 1
        eventByteCount &+= UInt64(truncatingIfNeeded: byteCount - 4)
        noteSize(byteCount - 4)
    }

    @inline(__always)
    private mutating func noteSize(_ byteCount: Int) {
        lastResponseByteCount = byteCount
        if byteCount > greatestResponseByteCount { greatestResponseByteCount = byteCount }
        if byteCount < leastResponseByteCount || leastResponseByteCount < 0 {
            leastResponseByteCount = byteCount
        }
    }

    mutating func noteRead(nanoseconds: Int64) { Self.note(nanoseconds, in: &readMicroseconds) }

    mutating func noteWrite(nanoseconds: Int64) { Self.note(nanoseconds, in: &writeMicroseconds) }

    private static func note(_ nanoseconds: Int64, in histogram: inout Histogram) {
        histogram.record(UInt64(max(nanoseconds, 0)) / 1000)
    }

    /// Least, mean and greatest latency of all requests in milliseconds, as ZooKeeper reports them.
    var latencyMilliseconds: (minimum: UInt64, average: Double, maximum: UInt64) {
        let all = [readMicroseconds, writeMicroseconds].filter { $0.count > 0 }
        guard let least = all.map(\.min).min(), let most = all.map(\.max).max() else { return (0, 0, 0) }
        let sum = all.reduce(0) { $0 + $1.sum }
        let count = all.reduce(0) { $0 + $1.count }
        let average = Double(sum) / Double(count) / 1000
        return (least / 1000, (average * 10_000).rounded() / 10_000, most / 1000)
    }
}
