import DataTree
import Jute

/// Everything that can be read from a tree, for comparing two.
struct WholeTree: Equatable {
    struct Node: Equatable {
        var data: [UInt8]
        var acl: [UInt8]
        var children: [String]
    }

    var nodes: [String: Node] = [:]
    var ephemerals: [Int64: [UInt8]] = [:]
    var digest: UInt64 = 0
    var nodeCount = 0
    var ephemeralCount = 0
    var expirableCount = 0
    var dataByteCount = 0

    init(_ tree: inout DataTree) throws {
        let reader = Reader(identities: [Identity(scheme: "super", id: "")])
        var open = ["/"]
        while let path = open.popLast() {
            let bytes = Array(path.utf8)
            var data: [UInt8] = []
            var acl: [UInt8] = []
            var children: [UInt8] = []
            try tree.getData(bytes.span.bytes, reader, into: &data)
            try tree.getACL(bytes.span.bytes, reader, into: &acl)
            try tree.getChildren(bytes.span.bytes, withStat: false, reader, into: &children)
            let names = try Self.names(children)
            nodes[path] = Node(data: data, acl: acl, children: names)
            open += names.map { path == "/" ? "/" + $0 : path + "/" + $0 }
        }
        for owner in tree.ephemeralOwners {
            var reply: [UInt8] = []
            let all: [UInt8] = []
            try tree.getEphemerals(owner, prefix: all.span.bytes, into: &reply)
            ephemerals[owner] = reply
        }
        digest = tree.digest
        nodeCount = tree.nodeCount
        ephemeralCount = tree.ephemeralCount
        expirableCount = tree.expirableCount
        dataByteCount = tree.dataByteCount
    }

    private static func names(_ encoded: [UInt8]) throws -> [String] {
        var reader = JuteReader(encoded.span.bytes)
        var strings = try reader.strings()
        var names: [String] = []
        while let name = strings.next() {
            names.append(name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        return names.sorted()
    }
}
