import DataTree
import Identifiers
import Jute
import Logging

/// What clients were watching when their connections ended.
extension Core {
    /// Watches again what a client that reconnects was watching. Events for what it missed go first.
    func setWatches(_ request: borrowing RequestFrame, on connection: Connection) {
        var reader = JuteReader(request.body)
        let operation =
            request.type == OperationCode.setWatches2.rawValue ? OperationCode.setWatches2 : .setWatches
        var error = ErrorCode.ok
        events.removeAll(keepingCapacity: true)
        do throws(JuteDefect) {
            tree.setWatches(
                try SetWatchesRequest(operation, from: &reader), watcher: connection.index, events: &events)
        } catch let defect {
            logger.debug("\(connection.remoteDescription): \(defect)")
            error = .marshallingError
        }
        for event in events {
            connection.out.append(notificationOf: event.type, path: event.path, zxid: event.zxid)
        }
        statistics.watchEventsSent &+= UInt64(events.count)
        connection.out.appendReply(xid: request.xid, zxid: tree.lastAppliedZxid.rawValue, error: error)
        statistics.packetsSent &+= UInt64(events.count + 1)
        connection.sentCount &+= UInt64(events.count + 1)
    }
}
