import Identifiers
import Jute

/// Names without a node, which exist only while an image is loaded and replayed.
extension DataTree {
    /// The node or placeholder at a stored path, making placeholders for it and its ancestors as needed.
    mutating func findOrMakePlaceholder(_ path: RawSpan) -> UInt32 {
        let found = findAny(path)
        if found != 0 { return found }
        // Down from the deepest ancestor there is; not recursive, for paths can be very deep.
        var end = path.byteCount
        var ancestor: UInt32 = 0
        while ancestor == 0 {
            end = Path.lastSlash(path.extracting(first: end))
            ancestor = findAny(path.extracting(first: end))
        }
        while end < path.byteCount {
            var next = end + 1
            while next < path.byteCount, Path.byte(path, next) != Path.slash { next += 1 }
            ancestor = insertPlaceholder(path.extracting(first: next), under: ancestor)
            end = next
        }
        return ancestor
    }

    /// Gives a node or placeholder new contents and keeps its children. Takes over one use of `acl`.
    mutating func fill(
        _ id: UInt32, path: RawSpan, data: borrowing JuteBuffer, acl: UInt32, stat: NodeStat
    ) {
        let node = nodes[id]
        if node.pointee.isPlaceholder { placeholderCount -= 1 }
        forgetOwner(of: id, node.pointee.stat.ephemeralOwner)
        accessLists.release(node.pointee.acl)
        node.pointee.acl = acl
        node.pointee.stat = stat
        replaceData(of: id, path: path, with: data)
        refreshDigest(of: id, path: path)
        noteOwner(of: id, stat.ephemeralOwner)
    }

    /// Leaves only the name of a node, for the sake of its children.
    mutating func empty(_ id: UInt32, path: RawSpan) {
        let node = nodes[id]
        if node.pointee.isPlaceholder { return }
        forgetOwner(of: id, node.pointee.stat.ephemeralOwner)
        accessLists.release(node.pointee.acl)
        node.pointee.acl = accessLists.openID
        accessLists.retain(accessLists.openID)
        let nothing: [UInt8] = []
        replaceData(of: id, path: path, with: JuteBuffer(bytes: nothing.span.bytes))
        node.pointee.rawDataByteCount = Node.placeholder
        node.pointee.stat = NodeStat()
        digest &-= UInt64(node.pointee.digest)
        node.pointee.digest = 0
        placeholderCount += 1
    }

    /// Removes the placeholder at a path if it has no children left, and so on upwards.
    mutating func removeBarePlaceholders(from path: RawSpan) {
        var end = path.byteCount
        while end > 0 {
            let prefix = path.extracting(first: end)
            let hash = hash(prefix)
            let id = findAny(prefix, hash: hash)
            guard id != 0, nodes[id].pointee.isPlaceholder, nodes[id].pointee.childCount == 0 else { return }
            remove(id, path: prefix, hash: hash)
            end = Path.lastSlash(prefix)
        }
    }

    private mutating func insertPlaceholder(_ path: RawSpan, under parent: UInt32) -> UInt32 {
        let nothing: [UInt8] = []
        accessLists.retain(accessLists.openID)
        let id = insert(
            path, hash: hash(path), parent: parent, data: JuteBuffer(bytes: nothing.span.bytes),
            acl: accessLists.openID, stat: NodeStat())
        let node = nodes[id]
        digest &-= UInt64(node.pointee.digest)
        node.pointee.digest = 0
        node.pointee.rawDataByteCount = Node.placeholder
        placeholderCount += 1
        return id
    }
}
