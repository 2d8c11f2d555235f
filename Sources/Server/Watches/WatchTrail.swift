import Identifiers

/// What a connection's client can be taken to have read of the events that were sent to it.
///
/// A client says which zxid it has seen when it comes back, but for a client that only listens that is old:
/// Java's and others count replies, not notifications. Told from there, it would get everything twice. So
/// the server keeps, beside what the client says, how far it must have read:
///
/// - A client that hears nothing for two thirds of its session's timeout closes its connection. If it still
///   talks a whole timeout after something was sent, and the kernel has no byte that was not acknowledged,
///   it has read what was sent then.
/// - A client that closes its connection in good order has read everything that was acknowledged: with unread
///   bytes its kernel would have reset the connection.
struct WatchTrail {
    /// The client has read what came up to here; zero if nobody knows.
    private var confirmed = Zxid.zero
    private var candidate: Zxid
    private var candidateAt: Int64
    private var heardAt: Int64
    /// The client has closed its end, and has read what came up to here unless the connection is reset.
    private var readIfInOrder: Zxid?

    /// - Parameter applied: what the client will have been told of, once it has read what is sent to it now.
    init(applied: Zxid, now: Int64) {
        candidate = applied
        candidateAt = now
        heardAt = now
    }

    /// The client talks; `isAllTaken` says whether its kernel has every byte that was sent.
    mutating func noteSign(
        applied: Zxid, now: Int64, timeoutNanoseconds: Int64, isAllTaken: () -> Bool
    ) {
        heardAt = now
        guard now - candidateAt >= timeoutNanoseconds, isAllTaken() else { return }
        confirmed = candidate
        candidate = applied
        candidateAt = now
    }

    /// The client has closed its end, and its kernel had taken everything. Not if it was silent before: then
    /// it may be somebody between who closes.
    mutating func noteInputClosed(applied: Zxid, now: Int64, timeoutNanoseconds: Int64) {
        if now - heardAt <= timeoutNanoseconds / 2 { readIfInOrder = applied }
    }

    /// What the client has read, given whether its kernel did not reset the connection.
    func confirmed(hasClosedInOrder: () -> Bool) -> Zxid {
        guard let readIfInOrder, hasClosedInOrder() else { return confirmed }
        return readIfInOrder
    }
}
