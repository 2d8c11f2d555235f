import DataTree
import Jute

/// A node as it is listed.
struct ListedNode {
    var path: [UInt8]
    var stat: Stat
    var data: [UInt8]
    var acl: [AccessEntry]
}

/// Walks a tree, parents before children, children in the order of their names' bytes.
struct NodeWalk {
    private let reader = Reader(identities: [])
    /// Paths still to be visited, the next one last.
    private var waiting: [[UInt8]]

    init(from path: [UInt8]) { waiting = [path] }

    /// The next node; nil after the last one. Throws `.noNode` if the walk's first node does not exist.
    mutating func next(in tree: inout DataTree) throws(ErrorCode) -> ListedNode? {
        guard let path = waiting.popLast() else { return nil }
        var bytes: [UInt8] = []
        try tree.getData(path.span.bytes, reader, into: &bytes)
        var list: [UInt8] = []
        try tree.getACL(path.span.bytes, reader, into: &list)
        var children: [UInt8] = []
        try tree.getChildren(path.span.bytes, withStat: false, reader, into: &children)
        do throws(JuteDefect) {
            for name in try Self.names(children).sorted(by: { $1.lexicographicallyPrecedes($0) }) {
                let isRoot = path == [UInt8(ascii: "/")]
                waiting.append((isRoot ? [] : path) + [UInt8(ascii: "/")] + name)
            }
            return try Self.node(path, bytes, list)
        } catch {
            // The tree's own replies do not read: no bytes from outside reach this place.
            throw .marshallingError
        }
    }

    private static func names(_ reply: [UInt8]) throws(JuteDefect) -> [[UInt8]] {
        var reader = JuteReader(reply.span.bytes)
        var strings = try reader.strings()
        var names: [[UInt8]] = []
        while let name = strings.next() { names.append(name.withUnsafeBytes { Array($0) }) }
        return names
    }

    private static func node(
        _ path: [UInt8], _ data: [UInt8], _ list: [UInt8]
    ) throws(JuteDefect) -> ListedNode {
        var reader = JuteReader(data.span.bytes)
        let value = try reader.buffer().bytes.withUnsafeBytes { Array($0) }
        return ListedNode(
            path: path, stat: try Stat(from: &reader), data: value,
            acl: try AccessList.decode(list.span.bytes) ?? [])
    }
}
