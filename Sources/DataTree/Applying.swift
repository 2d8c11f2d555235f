import Identifiers
import Jute

/// How a record meets the tree.
package enum ApplyMode: Sendable {
    /// The tree is exactly at the record before; digests are compared.
    case live
    /// The tree is a fuzzy image that may hold this change already; watches do not fire.
    case replay
}

/// What applying a record came to.
package struct Applied: Equatable, Sendable {
    package enum SessionChange: Equatable, Sendable {
        case none
        /// With the timeout granted, in milliseconds.
        case opened(timeout: Int32)
        case closed
    }

    package var header: TransactionHeader
    /// What the reply's header says. A failed multi says `.ok`; its reply's body says more.
    package var error: ErrorCode
    /// Of the session in the header.
    package var sessionChange: SessionChange = .none
    /// The record names a digest and the tree has come to another one: it has diverged.
    package var isDigestMismatch = false
}

/// Watches that fired together: one change, one path, one notification for each watcher.
package struct WatchEvent: Equatable, Sendable {
    package var type: WatchEventType
    package var path: [UInt8]
    /// The change's zxid; -1 in a catch-up.
    package var zxid: Int64
    /// Connections, in the order in which they began to watch.
    package var watchers: [UInt32]
    /// Whom the notification may reach (see `DataTree.mayReceive`); nil when everybody may read the node.
    package var restriction: [AccessEntry]?
}

extension DataTree {
    /// Applies a committed record: transaction header, transaction, digest.
    ///
    /// The record is read whole before anything changes, so after a throw the tree is as it was. A
    /// transaction that does not fit the tree (in live mode only a diverged tree meets one) changes
    /// nothing and gives its error.
    ///
    /// - Parameters:
    ///   - reply: the body of the reply to whoever asked is appended, if `wantsReply` and it has one.
    ///   - events: what fired is appended, in ZooKeeper's order.
    package mutating func apply(
        _ record: RawSpan, mode: ApplyMode = .live, wantsReply: Bool, reply: inout [UInt8],
        events: inout [WatchEvent]
    ) throws(JuteDefect) -> Applied {
        var reader = JuteReader(record)
        let header = try TransactionHeader(from: &reader)
        var ahead = reader.copy()
        try header.type.checkTransaction(&ahead)
        let expected = ahead.remainingByteCount > 0 ? try TransactionDigest(from: &ahead) : nil

        var output = ApplyOutput(wantsReply: wantsReply && mode == .live)
        swap(&output.reply, &reply)
        swap(&output.events, &events)
        defer {
            swap(&output.reply, &reply)
            swap(&output.events, &events)
        }
        var applied = Applied(header: header, error: .ok)
        switch header.type {
        case .multi:
            try applyMulti(MultiTransaction(from: &reader), header, mode, &output)
        case .createSession:
            applied.sessionChange = .opened(timeout: try reader.int32())
        case .closeSession:
            applyCloseSession(try CloseSessionTransaction(from: &reader), header, mode, &output)
            applied.sessionChange = .closed
        case .error:
            applied.error = ErrorCode(rawValue: try reader.int32())
        default:
            applied.error = try applyOperation(header.type, &reader, header, mode, &output)
        }
        lastAppliedZxid = max(lastAppliedZxid, header.zxid)
        dropPending(upTo: header.zxid)
        if mode == .live { digests.note(header.zxid, digest) }
        if mode == .live, let expected, expected.version == TransactionDigest.currentVersion {
            applied.isDigestMismatch = expected.treeDigest != digest
        }
        return applied
    }
}

/// What applying one record adds to.
struct ApplyOutput {
    var wantsReply: Bool
    var reply: [UInt8] = []
    var events: [WatchEvent] = []
}
