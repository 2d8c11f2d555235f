import DataTree
import Identifiers
import Jute
import Logging

/// Requests as they come in, and the order in which they are answered.
extension Core {
    /// Takes a frame of a connection; false if the connection does not take it now.
    func receive(_ frame: RawSpan, from connection: Connection) -> Bool {
        switch connection.phase {
        case .fresh: connect(frame, on: connection)
        case .opening, .open: guard request(frame, on: connection) else { return false }
        case .ending, .closing: return false
        }
        statistics.noteRequest(byteCount: frame.byteCount)
        connection.receivedCount &+= 1
        return true
    }

    /// Looks ahead to a frame that `receive` will get in this turn.
    func expect(_ frame: RawSpan) {
        guard frame.byteCount >= RequestFrame.headerByteCount else { return }
        let request = RequestFrame(frame)
        if let operation = OperationCode(rawValue: request.type) { tree.expect(operation, request.body) }
    }

    func fetchExpected() { tree.fetchExpected() }

    /// False if it must wait until reads before it are answered.
    private func request(_ frame: RawSpan, on connection: Connection) -> Bool {
        guard frame.byteCount >= RequestFrame.headerByteCount else {
            refuse(connection, "a request of \(frame.byteCount) bytes has no header")
            return true
        }
        if connection.isCatchingUp { return false }
        let request = RequestFrame(frame)
        guard connection.isAdmitted || request.mayComeUnproved else {
            refuseUnproved(request, on: connection)
            return true
        }
        if frame.byteCount > configuration.requestThrottle.largeRequestByteCount,
            !hasRoomForRequest(frame.byteCount, on: connection)
        {
            return true
        }
        if configuration.requestThrottle.requestsMax > 0 {
            switch throttle(request.type, on: connection) {
            case .take:
                break
            case .hold:
                return false
            case .refuse:
                replyInOrder(request.xid, .throttledOperation, on: connection)
                return true
            case .close:
                refuse(connection, "a request waited longer than its session lives")
                return true
            }
        }
        guard let operation = OperationCode(rawValue: request.type) else {
            order(frame, on: connection)
            return true
        }
        statistics.operations.note(operation)
        switch operation {
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .multi:
            guard connection.mayTakeWrite else { return false }
            propose(operation, request, on: connection)
        case .closeSession:
            guard connection.mayTakeWrite else { return false }
            proposeClose(request, on: connection)
        case .reconfig, .deleteContainer:
            guard connection.mayTakeWrite else { return false }
            refuseReserved(operation, request, on: connection)
        case .auth:
            authenticate(request, on: connection)
        case .sasl:
            negotiate(request, on: connection)
        case .setWatches2:
            // It may have to wait for the log, so nothing may stand between it and what was asked before.
            guard !connection.hasPendingWrites, connection.deferred.isEmpty else { return false }
            answer(request, on: connection)
        default:
            order(frame, on: connection)
        }
        return true
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
    ///
    /// - Parameter showsZxid: the reply tells what is applied when it leaves, not when it was made.
    func order(_ reply: [UInt8], thenCloses: Bool, showsZxid: Bool = false, on connection: Connection) {
        statistics.packetsSent &+= 1
        guard connection.hasPendingWrites else {
            connection.out.append(contentsOf: reply)
            connection.sentCount &+= 1
            touch(connection)
            if thenCloses { connection.closeAfterFlush() }
            return
        }
        // Nothing behind the last reply is taken, however long that one waits.
        if thenCloses { connection.phase = .ending }
        let kind: DeferredRequests.Kind = thenCloses ? .replyThenClose : showsZxid ? .replyWithZxid : .reply
        connection.deferred.append(kind, after: connection.takenWriteCount, reply.span.bytes)
        deferredCount += 1
        outstandingByteCount += reply.count
    }

    /// Answers what waited for writes that are answered now, unless it can wait until there is room.
    func drainDeferred(_ connection: Connection) {
        guard connection.deferred.isReady(at: connection.answeredWriteCount) else { return }
        let bytes = connection.deferred.lendBytes()
        while connection.deferred.isReady(at: connection.answeredWriteCount), hasRoom(connection),
            let entry = connection.deferred.next(at: connection.answeredWriteCount)
        {
            deferredCount -= 1
            outstandingByteCount -= entry.end - entry.start
            let content = bytes.span.bytes.extracting(entry.start..<entry.end)
            switch entry.kind {
            case .request:
                answer(RequestFrame(content), on: connection)
            case .reply, .replyWithZxid, .replyThenClose:
                let start = connection.out.count
                content.withUnsafeBytes { connection.out.append(contentsOf: $0) }
                if entry.kind == .replyWithZxid {
                    connection.out.replaceZxid(tree.lastAppliedZxid.rawValue, ofReplyAt: start)
                }
                connection.sentCount &+= 1
                if entry.kind == .replyThenClose { connection.closeAfterFlush() }
            }
            if connection.phase == .closing { break }
        }
        connection.deferred.giveBack(bytes)
    }

    /// Whether one more deferred request is answered now.
    ///
    /// If the connection has taken a further write, it must be: after that write it would see too much.
    private func hasRoom(_ connection: Connection) -> Bool {
        if connection.out.count <= Connection.gatheredByteCountMax { return true }
        guard connection.hasPendingWrites else {
            connection.hold()
            return false
        }
        if connection.out.count <= Connection.unsentByteCountMax { return true }
        refuse(connection, "\(connection.out.count) bytes of replies to its reads between two writes")
        return false
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

    /// Whether it may be asked by somebody who has yet to prove who he is.
    var mayComeUnproved: Bool {
        type == OperationCode.auth.rawValue || type == OperationCode.sasl.rawValue
    }
}
