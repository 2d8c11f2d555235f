import DataTree
import Identifiers
import Jute
import Logging

/// What clients were watching when their connections ended.
extension Core {
    /// Watches again what a client that reconnects was watching. Events for what it missed go first.
    func setWatches(_ request: borrowing RequestFrame, on connection: Connection) {
        guard request.type == OperationCode.setWatches2.rawValue else {
            setWatches(.setWatches, xid: request.xid, request.body, nil, on: connection)
            return
        }
        if resumption?.begin(request, on: connection) == true { return }
        setWatches(.setWatches2, xid: request.xid, request.body, nil, on: connection)
    }

    /// Sets everything at once: standard watches' events first, then what persistent ones missed, the reply.
    func setWatches(
        _ operation: OperationCode, xid: Int32, _ body: RawSpan, _ missed: MissedEvents?,
        on connection: Connection
    ) {
        var reader = JuteReader(body)
        var error = ErrorCode.ok
        var setsPersistent = false
        var eventCount: UInt64 = 0
        lendBuffer(to: connection)
        let start = connection.out.count
        do throws(JuteDefect) {
            let request = try SetWatchesRequest(operation, from: &reader)
            setsPersistent = request.persistent.count + request.persistentRecursive.count > 0
            tree.setWatches(
                request, watcher: connection.index, identities: connection.identities
            ) { type, path in
                connection.out.append(notificationOf: type, path: path, zxid: -1)
                eventCount += 1
            }
        } catch let defect {
            logger.debug("\(connection.remoteDescription): \(defect)")
            error = .marshallingError
        }
        if let missed, let resumption { eventCount += UInt64(resumption.append(missed, to: connection)) }
        statistics.watchEventsSent &+= eventCount
        statistics.eventByteCount &+= UInt64(connection.out.count - start)
        connection.out.appendReply(xid: xid, zxid: tree.lastAppliedZxid.rawValue, error: error)
        statistics.packetsSent &+= eventCount + 1
        connection.sentCount &+= eventCount + 1
        if setsPersistent { resumption?.noteWatching(connection) }
    }
}
