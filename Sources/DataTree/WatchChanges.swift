import ByteCoding
import Identifiers
import Jute

/// What one record changes, as far as watches can see it; read once, then compared with the watches of
/// many clients (`MissedEvents`).
///
/// Needs no tree: a committed record says all that its events depend on, but who may receive them.
package struct RecordChanges {
    enum Kind {
        case created, dataChanged, deleted
        /// No event; the access list counts for the events behind it.
        case accessChanged
    }

    struct Change {
        var kind: Kind
        /// The stored path's place in `bytes`.
        var start: Int
        /// The path and its ancestors in `prefixes`, the path itself first, the root last.
        var prefixes: Range<Int>
        /// The encoded access list's place in `bytes`, for `created` and `accessChanged`.
        var list = 0..<0
    }

    struct Prefix {
        var byteCount: Int
        var hash: UInt32
    }

    private let hash: SeededHash
    private(set) var bytes: [UInt8] = []
    private(set) var prefixes: [Prefix] = []
    private(set) var changes: [Change] = []
    package private(set) var zxid = Zxid.zero
    /// The record deletes nodes that it does not list (see `CloseSessionTransaction`).
    private(set) var isIncomplete = false

    fileprivate init(hash: SeededHash) { self.hash = hash }

    /// Takes the changes of a record instead of those of the one before.
    package mutating func read(_ record: RawSpan) throws(JuteDefect) {
        bytes.removeAll(keepingCapacity: true)
        prefixes.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
        isIncomplete = false
        var reader = JuteReader(record)
        let header = try TransactionHeader(from: &reader)
        zxid = header.zxid
        switch header.type {
        case .multi:
            var items = try MultiTransaction(from: &reader)
            if items.isFailed { return }
            while let item = items.next() {
                var body = JuteReader(item.body)
                try note(item.type, &body)
            }
        case .closeSession:
            let transaction = try CloseSessionTransaction(from: &reader)
            isIncomplete = !transaction.isListed
            var paths = transaction.paths
            while let path = paths.next() { append(.deleted, path) }
        default:
            try note(header.type, &reader)
        }
    }

    private mutating func note(_ type: OperationCode, _ reader: inout JuteReader) throws(JuteDefect) {
        switch type {
        case .create, .create2, .createContainer, .createTTL:
            let transaction = try CreateTransaction(type, from: &reader)
            append(.created, transaction.path, list: transaction.acl)
        case .delete, .deleteContainer:
            append(.deleted, try DeleteTransaction(from: &reader).path)
        case .setData, .reconfig:
            append(.dataChanged, try SetDataTransaction(from: &reader).path)
        case .setACL:
            let transaction = try SetACLTransaction(from: &reader)
            append(.accessChanged, transaction.path, list: transaction.acl)
        default:
            break
        }
    }

    private mutating func append(_ kind: Kind, _ path: RawSpan, list: RawSpan) {
        append(kind, path)
        let start = bytes.count
        bytes.append(list)
        changes[changes.count - 1].list = start..<bytes.count
    }

    private mutating func append(_ kind: Kind, _ path: RawSpan) {
        let path = Path.stored(path)
        let start = bytes.count
        bytes.append(path)
        let first = prefixes.count
        var byteCount = path.byteCount
        while true {
            let prefix = path.extracting(first: byteCount)
            prefixes.append(Prefix(byteCount: byteCount, hash: hash(prefix)))
            if byteCount == 0 { break }
            byteCount = max(0, Path.lastSlash(prefix))
        }
        changes.append(Change(kind: kind, start: start, prefixes: first..<prefixes.count))
    }
}

extension DataTree {
    /// Reads records for the `WatchedPaths` that this tree makes.
    package func makeRecordChanges() -> RecordChanges { RecordChanges(hash: hash) }
}
