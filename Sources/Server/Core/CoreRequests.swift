import DataTree
import Jute
import Logging

/// Requests as they come in, and the order in which they are answered.
extension Core {
    /// Takes a frame of a connection; false if the connection takes no more.
    func receive(_ frame: RawSpan, from connection: Connection) -> Bool {
        statistics.packetsReceived &+= 1
        connection.receivedCount &+= 1
        switch connection.phase {
        case .fresh: connect(frame, on: connection)
        case .opening, .open: request(frame, on: connection)
        case .ending, .closing: return false
        }
        return connection.phase.takesRequests
    }

    /// Looks ahead to a frame that `receive` will get in this turn.
    func expect(_ frame: RawSpan) {
        guard frame.byteCount >= RequestFrame.headerByteCount else { return }
        let request = RequestFrame(frame)
        if let operation = OperationCode(rawValue: request.type) { tree.expect(operation, request.body) }
    }

    func fetchExpected() { tree.fetchExpected() }

    private func request(_ frame: RawSpan, on connection: Connection) {
        guard frame.byteCount >= RequestFrame.headerByteCount else {
            refuse(connection, "a request of \(frame.byteCount) bytes has no header")
            return
        }
        let request = RequestFrame(frame)
        guard let operation = OperationCode(rawValue: request.type) else {
            order(frame, on: connection)
            return
        }
        switch operation {
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .multi:
            propose(operation, request, on: connection)
        case .closeSession:
            proposeClose(request, on: connection)
        case .reconfig, .deleteContainer:
            proposeRefusal(.unimplemented, request, on: connection)
        case .auth:
            authenticate(request, on: connection)
        default:
            order(frame, on: connection)
        }
    }

    /// Answers a request that changes nothing, behind the connection's own writes.
    private func order(_ frame: RawSpan, on connection: Connection) {
        guard connection.hasPendingWrites else {
            answer(RequestFrame(frame), on: connection)
            return
        }
        connection.deferred.append(.request, after: connection.takenWriteCount, frame)
        deferredCount += 1
        outstandingByteCount += frame.byteCount
    }

    /// Sends a finished reply, behind the connection's own writes. Starts with its length.
    func order(_ reply: [UInt8], thenCloses: Bool, on connection: Connection) {
        statistics.packetsSent &+= 1
        guard connection.hasPendingWrites else {
            connection.out.append(contentsOf: reply)
            connection.sentCount &+= 1
            touch(connection)
            if thenCloses { connection.closeAfterFlush() }
            return
        }
        connection.deferred.append(
            thenCloses ? .replyThenClose : .reply, after: connection.takenWriteCount, reply.span.bytes)
        deferredCount += 1
        outstandingByteCount += reply.count
    }

    /// Answers what waited for writes that are answered now.
    func drainDeferred(_ connection: Connection) {
        guard connection.deferred.isReady(at: connection.answeredWriteCount) else { return }
        let bytes = connection.deferred.lendBytes()
        while let entry = connection.deferred.next(at: connection.answeredWriteCount) {
            deferredCount -= 1
            outstandingByteCount -= entry.end - entry.start
            let content = bytes.span.bytes.extracting(entry.start..<entry.end)
            switch entry.kind {
            case .request:
                answer(RequestFrame(content), on: connection)
            case .reply, .replyThenClose:
                content.withUnsafeBytes { connection.out.append(contentsOf: $0) }
                connection.sentCount &+= 1
                if entry.kind == .replyThenClose { connection.closeAfterFlush() }
            }
            if connection.phase == .closing { break }
        }
        connection.deferred.giveBack(bytes)
    }

    /// Checks who the client says it is. It counts from this moment; the answer keeps its place.
    private func authenticate(_ request: borrowing RequestFrame, on connection: Connection) {
        var reader = JuteReader(request.body)
        var reply: [UInt8] = []
        do throws(JuteDefect) {
            let body = try AuthRequest(from: &reader)
            let proved = Authentication.identities(
                scheme: body.scheme, data: body.data.bytes, rules: tree.rules)
            guard let proved else {
                statistics.authFailures += 1
                logger.warning(
                    "\(connection.remoteDescription) \(connection.sessionID): authentication failed")
                reply.appendReply(xid: request.xid, zxid: 0, error: .authFailed)
                order(reply, thenCloses: true, on: connection)
                return
            }
            for identity in proved where !connection.identities.contains(identity) {
                connection.identities.append(identity)
            }
            reply.appendReply(xid: request.xid, zxid: 0, error: .ok)
        } catch {
            reply.appendReply(xid: request.xid, zxid: 0, error: .marshallingError)
        }
        order(reply, thenCloses: false, on: connection)
    }
}

/// A request's header and body, where they lie.
struct RequestFrame: ~Escapable {
    static let headerByteCount = 8

    let xid: Int32
    let type: Int32
    let body: RawSpan
    let byteCount: Int

    /// - Parameter frame: at least `headerByteCount` long.
    @_lifetime(copy frame)
    init(_ frame: RawSpan) {
        xid = frame.unsafeLoadUnaligned(fromByteOffset: 0, as: Int32.self).bigEndian
        type = frame.unsafeLoadUnaligned(fromByteOffset: 4, as: Int32.self).bigEndian
        body = frame.extracting(Self.headerByteCount..<frame.byteCount)
        byteCount = frame.byteCount
    }
}
