import Identifiers
import Jute

/// Who may receive what was missed.
extension DataTree {
    /// Calls `body` with each event that somebody with these identities may receive, in order, with the
    /// path as clients see it.
    ///
    /// A live event is delivered by the access list that its node has at that moment. Here that is, if it
    /// can be known, the list that a record before the event gave to the node, else the node's present one.
    /// Of a node that is gone, or was made anew, neither may say it. Then an event is delivered if no node
    /// after `completeAfter` was ever closed to readers, or if the client may list the parent, which would
    /// have told it the name; else it is withheld.
    ///
    /// - Parameter completeAfter: this tree has held every node that existed at some time after this zxid.
    /// - Returns: how many events were withheld.
    package func deliver(
        _ missed: borrowing MissedEvents, to identities: [Identity], completeAfter: Zxid,
        _ body: (WatchEventType, RawSpan, _ zxid: Int64) -> Void
    ) -> Int {
        let lists = missed.lists.map { encoded -> [AccessEntry]? in
            do throws(JuteDefect) { return try AccessList.decode(encoded.span.bytes) } catch { return nil }
        }
        let isUnlimited = rules.skipsAccessChecks || identities.contains { $0.scheme == "super" }
        var withheldCount = 0
        let bytes = missed.bytes.span.bytes
        for event in missed.events {
            let path = bytes.extracting(event.path)
            let list = event.list < 0 ? nil : lists[Int(event.list)] ?? []
            if isUnlimited || mayReceive(event, path, list, identities, completeAfter) {
                if path.byteCount == 0 {
                    body(event.type, Self.rootPath.span.bytes, event.zxid)
                } else {
                    body(event.type, path, event.zxid)
                }
            } else {
                withheldCount += 1
            }
        }
        return withheldCount
    }

    private static let rootPath: [UInt8] = [Path.slash]

    private func mayReceive(
        _ event: MissedEvents.Event, _ path: RawSpan, _ list: [AccessEntry]?, _ identities: [Identity],
        _ completeAfter: Zxid
    ) -> Bool {
        if let list { return rules.authentication.isAllowed(.read, by: list, to: identities) }
        // What was deleted is not what may stand there now.
        if event.type != .nodeDeleted, let isAllowed = isReadable(path, at: event.zxid, to: identities) {
            return isAllowed
        }
        if !accessLists.hasSeenClosedList, event.zxid > completeAfter.rawValue { return true }
        guard path.byteCount > 0 else { return false }
        let parent = path.extracting(first: max(0, Path.lastSlash(path)))
        return isReadable(parent, at: event.zxid, to: identities) ?? false
    }

    /// Whether the node may be read; nil if it is not there or was not yet there at that zxid.
    private func isReadable(_ path: RawSpan, at zxid: Int64, to identities: [Identity]) -> Bool? {
        let id = find(path)
        guard id != 0, nodes[id].pointee.stat.czxid <= zxid else { return nil }
        return isAllowed(.read, by: nodes[id].pointee.acl, to: identities)
    }
}
