import ByteCoding
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

    func header(_ type: OperationCode) -> TransactionHeader {
        TransactionHeader(sessionID: sessionID, cxid: cxid, zxid: zxid, time: time, type: type)
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
        var noUndo: [PendingChanges.Undo]?
        let start = record.count
        switch operation {
        case .setData:
            let request = try SetDataRequest(from: &reader)
            origin.header(.setData).encode(into: &record)
            do { try prepareSetData(request, origin, &noUndo, into: &record) } catch {
                return refuse(error, origin, at: start, in: &record)
            }
        case .create, .create2, .createContainer, .createTTL:
            let request = try CreateRequest(operation, from: &reader)
            origin.header(operation.transactionType(flags: request.flags)).encode(into: &record)
            do { try prepareCreate(operation, request, origin, &noUndo, into: &record) } catch {
                return refuse(error, origin, at: start, in: &record)
            }
        case .delete:
            let request = try PathNumberRequest(from: &reader)
            origin.header(.delete).encode(into: &record)
            do { try prepareDelete(request, origin, &noUndo, into: &record) } catch {
                return refuse(error, origin, at: start, in: &record)
            }
        case .deleteContainer:
            let request = try PathRequest(from: &reader)
            origin.header(.deleteContainer).encode(into: &record)
            do { try prepareDeleteContainer(request, origin, &noUndo, into: &record) } catch {
                return refuse(error, origin, at: start, in: &record)
            }
        case .setACL:
            let request = try SetACLRequest(from: &reader)
            origin.header(.setACL).encode(into: &record)
            do { try prepareSetACL(request, origin, &noUndo, into: &record) } catch {
                return refuse(error, origin, at: start, in: &record)
            }
        case .multi:
            let request = try MultiRequest(.multi, from: &reader)
            origin.header(.multi).encode(into: &record)
            try prepareMulti(request, origin, into: &record)
        case .createSession:
            let timeout = try reader.int32()
            origin.header(.createSession).encode(into: &record)
            record.append(bigEndian: timeout)
        case .closeSession:
            origin.header(.closeSession).encode(into: &record)
            prepareCloseSession(origin, into: &record)
        default:
            throw .unknownType(operation.rawValue)
        }
        if rules.recordsDigests { TransactionDigest(treeDigest: preparedDigest).encode(into: &record) }
        return .ok
    }

    /// Appends an error record for a request that the caller itself refuses (session expired, moved).
    package func prepareRefusal(
        _ error: ErrorCode, _ origin: borrowing RequestOrigin, into record: inout [UInt8]
    ) {
        origin.header(.error).encode(into: &record)
        record.append(bigEndian: error.rawValue)
    }

    /// Replaces what was begun at `start` by an error record.
    private func refuse(
        _ error: ErrorCode, _ origin: borrowing RequestOrigin, at start: Int, in record: inout [UInt8]
    ) -> ErrorCode {
        record.removeSubrange(start...)
        prepareRefusal(error, origin, into: &record)
        return error
    }
}

extension OperationCode {
    /// A create request's record; a container asked for by plain create is a container all the same.
    func transactionType(flags: Int32) -> OperationCode {
        CreateMode(rawValue: flags) == .container ? .createContainer : self
    }
}
