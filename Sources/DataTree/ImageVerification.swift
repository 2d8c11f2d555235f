import Identifiers
import Jute

/// Finds the digest to which an image and its tail lead, without building the whole tree.
///
/// A node that no record of the tail touches stands in the image exactly once, as it is at the end; so
/// its part in the digest can be added up as it passes. Only the others are built, and the tail replayed
/// on them. First every tail record goes to `note`, then every slice to `add`, then every tail record to
/// `replay`.
package struct ImageVerification: ~Copyable {
    private var tree: DataTree
    /// Hashes of the paths that the tail touches; two paths of one hash only make the tree larger.
    private var touched: Set<UInt32>
    /// A closed session without a list may touch any node: then the whole tree is built.
    private var touchesAll = false
    private var untouchedDigest: UInt64 = 0
    private var untouchedCount = 0

    package init(hashSeed: UInt64) {
        tree = DataTree(hashSeed: hashSeed, rules: TreeRules())
        touched = []
        // These exist in every tree from the start, and every image holds them.
        for path in ["", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"] {
            touched.insert(tree.hash([UInt8](path.utf8).span.bytes))
        }
    }

    /// ZooKeeper's tree digest, version 2.
    package var digest: UInt64 { tree.digest &+ untouchedDigest }

    package var nodeCount: Int { tree.nodeCount + untouchedCount }

    /// Takes note of the paths that a record of the tail touches.
    package mutating func note(_ record: RawSpan) throws(JuteDefect) {
        var reader = JuteReader(record)
        let header = try TransactionHeader(from: &reader)
        try note(header.type, &reader)
    }

    private mutating func note(_ type: OperationCode, _ reader: inout JuteReader) throws(JuteDefect) {
        switch type {
        case .create, .create2, .createContainer, .createTTL:
            noteWithParent(try CreateTransaction(type, from: &reader).path)
        case .delete, .deleteContainer:
            noteWithParent(try DeleteTransaction(from: &reader).path)
        case .setData, .reconfig:
            notePath(try SetDataTransaction(from: &reader).path)
        case .setACL:
            notePath(try SetACLTransaction(from: &reader).path)
        case .multi:
            var items = try MultiTransaction(from: &reader)
            while let item = items.next() {
                var body = JuteReader(item.body)
                try note(item.type, &body)
            }
        case .closeSession:
            let transaction = try CloseSessionTransaction(from: &reader)
            if !transaction.isListed { touchesAll = true }
            var paths = transaction.paths
            while let path = paths.next() { noteWithParent(path) }
        default:
            break
        }
    }

    private mutating func notePath(_ path: RawSpan) { touched.insert(tree.hash(Path.stored(path))) }

    private mutating func noteWithParent(_ path: RawSpan) {
        notePath(path)
        let lastSlash = Path.lastSlash(path)
        if lastSlash >= 0 { touched.insert(tree.hash(path.extracting(first: lastSlash))) }
    }

    /// Takes a slice of the image.
    package mutating func add(_ slice: RawSpan) throws(ImageDefect) {
        let rest = try tree.loadImageSlice(slice, onlyHashes: touchesAll ? nil : touched)
        untouchedDigest &+= rest.digest
        untouchedCount += rest.nodeCount
    }

    /// Replays a record of the tail on the nodes that it touches.
    package mutating func replay(_ record: RawSpan) throws(JuteDefect) {
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        _ = try tree.apply(record, mode: .replay, wantsReply: false, reply: &reply, events: &events)
    }
}
