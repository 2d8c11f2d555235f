import ByteCoding
import DataTree
import Identifiers
import Jute
import Logging

/// Requests that change nothing in the tree, answered from what is applied.
extension Core {
    /// Appends the reply to what the connection will send.
    ///
    /// The connection is neither flushed nor, unless it is in its own reading, noted for flushing.
    func answer(_ request: borrowing RequestFrame, on connection: Connection) {
        if request.type == OperationCode.setWatches.rawValue
            || request.type == OperationCode.setWatches2.rawValue
        {
            setWatches(request, on: connection)
            return
        }
        // A ping is answered under the number that pings have, whatever the client called it.
        let isPing = request.type == OperationCode.ping.rawValue
        let start = connection.out.beginReply(
            xid: isPing ? RequestHeader.pingXid : request.xid, zxid: tree.lastAppliedZxid.rawValue)
        do throws(ErrorCode) {
            try perform(request, on: connection)
            connection.out.endReply(at: start)
        } catch {
            connection.out.endReply(at: start, error: error)
            if error == .unimplemented { endUnimplemented(at: start, request, on: connection) }
        }
        statistics.packetsSent &+= 1
        statistics.noteResponse(byteCount: connection.out.count - start, isPing: isPing)
        connection.sentCount &+= 1
        connection.figures.noteAnswer(request.type, cxid: request.xid, zxid: tree.lastAppliedZxid.rawValue)
    }

    /// Appends the body of the reply, or throws the code that its header says.
    private func perform(_ request: borrowing RequestFrame, on connection: Connection) throws(ErrorCode) {
        var reader = JuteReader(request.body)
        switch OperationCode(rawValue: request.type) {
        case .getData:
            let body = try pathWatch(&reader)
            try tree.getData(body.path, self.reader(connection, watches: body.watch), into: &connection.out)
        case .exists:
            let body = try pathWatch(&reader)
            try tree.exists(body.path, self.reader(connection, watches: body.watch), into: &connection.out)
        case .getChildren, .getChildren2:
            let body = try pathWatch(&reader)
            try tree.getChildren(
                body.path, withStat: request.type == OperationCode.getChildren2.rawValue,
                self.reader(connection, watches: body.watch), into: &connection.out)
        case .ping:
            break
        case .addWatch:
            let body = try pathNumber(&reader)
            guard let mode = WatchMode(rawValue: body.number) else { throw .marshallingError }
            tree.addWatch(body.path, mode: mode, watcher: connection.index)
            resumption?.noteWatching(connection)
            connection.out.append(bigEndian: ErrorCode.ok.rawValue)
        case .checkWatches:
            let body = try pathNumber(&reader)
            try tree.checkWatches(body.path, kind: body.number, watcher: connection.index)
        case .removeWatches:
            let body = try pathNumber(&reader)
            try tree.removeWatches(body.path, kind: body.number, watcher: connection.index)
        case .whoAmI:
            appendIdentities(of: connection)
        case .multiRead:
            do throws(JuteDefect) {
                try tree.multiRead(
                    request.body, self.reader(connection, watches: false), into: &connection.out)
            } catch {
                throw .marshallingError
            }
        case .getACL, .getAllChildrenNumber:
            try performByPath(request, on: connection)
        case .sync:
            // This server has applied all that it ever acknowledged, so there is nothing to wait for. The
            // path may be anything, even null, and goes back as it came.
            try text(&reader).encode(into: &connection.out)
        case .getEphemerals:
            try tree.getEphemerals(
                connection.sessionID.rawValue, prefix: try text(&reader).bytes, into: &connection.out)
        default:
            throw .unimplemented
        }
    }

    private func performByPath(
        _ request: borrowing RequestFrame, on connection: Connection
    ) throws(ErrorCode) {
        var reader = JuteReader(request.body)
        let path: RawSpan
        do throws(JuteDefect) { path = try PathRequest(from: &reader).path } catch { throw .marshallingError }
        let client = self.reader(connection, watches: false)
        if request.type == OperationCode.getACL.rawValue {
            try tree.getACL(path, client, into: &connection.out)
        } else {
            try tree.getAllChildrenNumber(path, client, into: &connection.out)
        }
    }

    /// An operation that nobody knows: the reply carries no zxid, and the connection ends behind it.
    private func endUnimplemented(
        at start: Int, _ request: borrowing RequestFrame, on connection: Connection
    ) {
        connection.out.replace(bigEndian: Int64(-1), at: start + 8)
        statistics.connectionsCut += 1
        logger.warning(
            "\(connection.remoteDescription) \(connection.sessionID): closed: unknown operation \(request.type)"
        )
        connection.closeAfterFlush()
    }

    private func appendIdentities(of connection: Connection) {
        connection.out.append(bigEndian: Int32(connection.identities.count))
        for identity in connection.identities {
            connection.out.append(juteString: identity.scheme)
            connection.out.append(
                juteString: Authentication.shownName(identity, rules: tree.rules.authentication))
        }
    }

    private func reader(_ connection: Connection, watches: Bool) -> Reader {
        Reader(identities: connection.identities, watcher: watches ? connection.index : nil)
    }

    @inline(__always)
    @_lifetime(copy reader)
    private func pathWatch(_ reader: inout JuteReader) throws(ErrorCode) -> PathWatchRequest {
        do throws(JuteDefect) { return try PathWatchRequest(from: &reader) } catch { throw .marshallingError }
    }

    /// A string that may be null.
    @_lifetime(copy reader)
    private func text(_ reader: inout JuteReader) throws(ErrorCode) -> JuteBuffer {
        do throws(JuteDefect) { return try reader.buffer() } catch { throw .marshallingError }
    }

    @_lifetime(copy reader)
    private func pathNumber(_ reader: inout JuteReader) throws(ErrorCode) -> PathNumberRequest {
        do throws(JuteDefect) { return try PathNumberRequest(from: &reader) } catch {
            throw .marshallingError
        }
    }
}
