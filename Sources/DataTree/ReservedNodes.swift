import Identifiers
import Jute

/// The nodes that no transaction makes.
extension DataTree {
    mutating func makeReservedNodes() {
        var root = Node()
        root.parent = Self.rootID
        root.acl = accessLists.openID
        root.digest = root.stat.digest(continuing: 0)
        digest = UInt64(root.digest)
        let id = nodes.allocate(root)
        precondition(id == Self.rootID, "the root comes first")
        makeReserved("/zookeeper", acl: [.open])
        makeReserved("/zookeeper/quota", acl: [.open])
        makeReserved("/zookeeper/config", acl: [AccessEntry(.read, .anyone)])
        // ZooKeeper gives the node its access list with version -1.
        let config = find(Array("/zookeeper/config".utf8).span.bytes)
        nodes[config].pointee.stat.aversion = -1
    }

    private mutating func makeReserved(_ text: String, acl: [AccessEntry]) {
        let path = Array(text.utf8)
        var encoded: [UInt8] = []
        AccessList.encode(acl, into: &encoded)
        guard let acl = accessLists.intern(encoded.span.bytes) else { return }
        let lastSlash = Path.lastSlash(path.span.bytes)
        let parent = findAny(path.span.bytes.extracting(first: lastSlash))
        let empty: [UInt8] = []
        insert(
            path.span.bytes, hash: hash(path.span.bytes), parent: parent,
            data: JuteBuffer(bytes: empty.span.bytes), acl: acl, stat: NodeStat())
    }
}
