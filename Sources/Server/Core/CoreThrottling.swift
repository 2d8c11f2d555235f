import DequeModule
import Jute
import Logging
import TransactionLog

/// Limits that are off unless somebody sets them: how fast clients connect, how many requests are worked on
/// at a time, how many bytes large requests may have together.
extension Core {
    // MARK: Connecting

    /// Whether the client may have a session now; its connection closes if not, without an answer.
    func passesConnectionThrottle(_ connection: Connection, isResumed: Bool) -> Bool {
        if connectionThrottle.admits(
            isResumed: isResumed, now: nowMilliseconds, lot: Double.random(in: 0..<1))
        {
            statistics.tokenDeficits.record(UInt64(max(connectionThrottle.deficit, 0)))
            statistics.connectionRequests += 1
            return true
        }
        noteRefusedConnection(
            """
            connections are refused, the last from \(connection.remoteDescription): more clients connect \
            than connectionMaxTokens lets in
            """)
        connection.close()
        return false
    }

    // MARK: Requests

    enum ThrottleVerdict {
        case take
        /// It waits, and all that the connection asks behind it.
        case hold
        /// It waited too long, and is told so.
        case refuse
        /// It waited longer than its session lives.
        case close
    }

    /// What becomes of a request while `requestThrottleLimit` is set. Pings and the ends of sessions pass
    /// if nothing of their connection waits.
    func throttle(_ type: Int32, on connection: Connection) -> ThrottleVerdict {
        switch OperationCode(rawValue: type) {
        case .ping?, .closeSession?, .auth?, .sasl?: return .take
        default: break
        }
        let settings = configuration.requestThrottle
        let since = connection.throttledSince
        let waited = since == 0 ? 0 : (now - since) / 1_000_000
        let isStale = waited > connection.sessionTimeout
        if settings.closesStaleConnections, isStale {
            statistics.staleRequestsDropped += 1
            return .close
        }
        guard outstandingCount < settings.requestsMax else {
            hold(connection)
            return .hold
        }
        if isStale { statistics.staleRequests += 1 }
        statistics.throttleMilliseconds.record(UInt64(max(waited, 0)))
        let patience = settings.throttledOperationMilliseconds
        guard patience > 0, waited > patience else { return .take }
        statistics.throttledOperations += 1
        return .refuse
    }

    private func hold(_ connection: Connection) {
        guard !connection.isThrottled else { return }
        connection.isThrottled = true
        if connection.throttledSince == 0 { connection.throttledSince = now }
        statistics.requestThrottleWaits += 1
        throttled.append(connection)
    }

    /// Goes on with those that wait, the longest first, as far as the limit lets.
    func resumeThrottled() {
        while outstandingCount < configuration.requestThrottle.requestsMax,
            let connection = throttled.popFirst()
        {
            connection.isThrottled = false
            if connection.phase.takesRequests { goOn(connection) }
        }
    }

    // MARK: Large requests

    /// Whether a request of so many bytes may come in; the connection is closed if not.
    func hasRoomForRequest(_ byteCount: Int, on connection: Connection) -> Bool {
        let settings = configuration.requestThrottle
        guard byteCount > settings.largeRequestByteCount,
            largeRequestByteCount + byteCount > settings.largeRequestsByteCountMax
        else { return true }
        statistics.largeRequestsRejected += 1
        refuse(
            connection,
            """
            a request of \(byteCount) bytes, while large ones have \(largeRequestByteCount) of \
            \(settings.largeRequestsByteCountMax) (largeRequestMaxBytes)
            """)
        return false
    }

    /// What a request of so many bytes takes of the room for large ones until it is answered.
    func largeByteCount(ofRequest byteCount: Int) -> Int32 {
        byteCount > configuration.requestThrottle.largeRequestByteCount ? Int32(clamping: byteCount) : 0
    }
}
