import Identifiers
import Jute

/// Where a write request comes from and what the leader gives it.
package struct RequestOrigin: Sendable {
    package var sessionID: SessionID
    package var cxid: Int32
    package var zxid: Zxid
    /// The leader's clock, milliseconds since 1970.
    package var time: Int64
    /// Whom the connection has proved to be, `ip` included; `world` is understood.
    package var identities: [Identity]

    package init(sessionID: SessionID, cxid: Int32, zxid: Zxid, time: Int64, identities: [Identity]) {
        self.sessionID = sessionID
        self.cxid = cxid
        self.zxid = zxid
        self.time = time
        self.identities = identities
    }
}

extension DataTree {
    /// Checks a write request against the tree and all changes prepared but not yet applied, and
    /// appends its record (transaction header, transaction, digest) to `record`.
    ///
    /// A refused request becomes an error record, which consumes its zxid too. Whether the session
    /// is alive is the caller's business, before this call. The prepared change is remembered until
    /// `apply` gets its zxid, or `dropPendingChanges`.
    ///
    /// - Parameter body: the request's body; of createSession the timeout (int), of closeSession nothing.
    /// - Returns: `.ok`, or the code in the error record. A failed multi is `.ok` with failed items.
    /// - Throws: when the body cannot be read or the operation is not a write that this tree prepares:
    ///   then nothing was appended or remembered, and the zxid is still free. Answer MarshallingError.
    package mutating func prepare(
        _ operation: OperationCode, _ body: RawSpan, _ origin: borrowing RequestOrigin,
        into record: inout [UInt8]
    ) throws(JuteDefect) -> ErrorCode {
        var reader = JuteReader(body)
        try operation.checkBody(&reader)
        return .ok
    }

    /// Appends an error record for a request that the caller itself refuses (session expired, moved).
    package func prepareRefusal(
        _ error: ErrorCode, _ origin: borrowing RequestOrigin, into record: inout [UInt8]
    ) {}

    /// Forgets everything prepared but not applied: this server does not lead any more.
    package mutating func dropPendingChanges() {}
}
