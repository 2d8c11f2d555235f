import ByteCoding
import Identifiers
import Jute

/// Finding, making and removing nodes. Nothing here checks a rule or fires a watch.
extension DataTree {
    /// The node at a path; 0 when there is none or only a placeholder.
    @inline(__always)
    func find(_ path: RawSpan) -> UInt32 {
        let id = findAny(Path.stored(path))
        return id != 0 && nodes[id].pointee.isPlaceholder ? 0 : id
    }

    /// The node or placeholder at a stored path; 0 when there is none.
    @inline(__always)
    func findAny(_ path: RawSpan) -> UInt32 {
        path.byteCount == 0 ? Self.rootID : findAny(path, hash: hash(path))
    }

    @inline(__always)
    func findAny(_ path: RawSpan, hash: UInt32) -> UInt32 {
        if path.byteCount == 0 { return Self.rootID }
        var probe = index.probe(hash)
        while true {
            let id = index.next(&probe)
            if id == 0 || isNode(id, at: path) { return id }
        }
    }

    /// Compares a stored path with a node's names, from the last one up.
    private func isNode(_ id: UInt32, at path: RawSpan) -> Bool {
        var id = id
        var end = path.byteCount
        return path.withUnsafeBytes { path in
            while id != Self.rootID {
                let node = nodes[id]
                let nameByteCount = Int(node.pointee.nameByteCount)
                let start = end &- nameByteCount
                guard start >= 1, path[start &- 1] == Path.slash else { return false }
                let name = block(of: node)
                let rest = UnsafeRawBufferPointer(rebasing: path[start..<end])
                guard rest.isEqual(to: UnsafeRawBufferPointer(start: name, count: nameByteCount)) else {
                    return false
                }
                end = start &- 1
                id = node.pointee.parent
            }
            return end == 0
        }
    }

    /// A node's block: its name, then its data. Must not be asked for when both are empty.
    @inline(__always)
    func block(of node: UnsafeMutablePointer<Node>) -> UnsafeMutableRawPointer {
        blocks.address(node.pointee.block, byteCount: node.pointee.blockByteCount)
    }

    /// Calls `body` with a node's data.
    @inline(__always)
    func withData<R>(of node: UnsafeMutablePointer<Node>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let byteCount = node.pointee.dataByteCount
        if byteCount == 0 { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = block(of: node) + Int(node.pointee.nameByteCount)
        return body(UnsafeRawBufferPointer(start: start, count: byteCount))
    }

    @inline(__always)
    func withName<R>(of node: UnsafeMutablePointer<Node>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let byteCount = Int(node.pointee.nameByteCount)
        if byteCount == 0 { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return body(UnsafeRawBufferPointer(start: block(of: node), count: byteCount))
    }

    /// A node's path as stored: empty for the root.
    func path(of id: UInt32) -> [UInt8] {
        var byteCount = 0
        var ancestor = id
        while ancestor != Self.rootID {
            byteCount += 1 + Int(nodes[ancestor].pointee.nameByteCount)
            ancestor = nodes[ancestor].pointee.parent
        }
        var path = [UInt8](repeating: Path.slash, count: byteCount)
        ancestor = id
        path.withUnsafeMutableBytes { path in
            var end = byteCount
            while ancestor != Self.rootID {
                let node = nodes[ancestor]
                let start = end - Int(node.pointee.nameByteCount)
                withName(of: node) {
                    UnsafeMutableRawBufferPointer(rebasing: path[start..<end]).copyMemory(from: $0)
                }
                end = start - 1
                ancestor = node.pointee.parent
            }
        }
        return path
    }

    /// Makes a node under `parent`, takes over one use of `acl`, and links it.
    ///
    /// - Parameter path: stored; its last component becomes the name.
    @discardableResult
    mutating func insert(
        _ path: RawSpan, hash: UInt32, parent: UInt32, data: borrowing JuteBuffer, acl: UInt32, stat: NodeStat
    ) -> UInt32 {
        let name = path.extracting((Path.lastSlash(path) + 1)...)
        var node = Node()
        node.stat = stat
        node.parent = parent
        node.acl = acl
        node.nameByteCount = UInt32(name.byteCount)
        node.rawDataByteCount = data.isNull ? -1 : Int32(data.bytes.byteCount)
        node.block = blocks.allocate(byteCount: node.blockByteCount)
        if node.blockByteCount > 0 {
            let block = blocks.address(node.block, byteCount: node.blockByteCount)
            Self.copy(name, to: block)
            Self.copy(data.bytes, to: block + name.byteCount)
        }
        if !Path.isUncounted(path) {
            node.contentCRC = CRC32.of(data.bytes, continuing: CRC32.of(path))
            node.digest = stat.digest(continuing: node.contentCRC)
            digest &+= UInt64(node.digest)
        }
        let id = nodes.allocate(node)
        index.insert(hash, id)
        link(id, under: parent)
        dataByteCount += path.byteCount + data.bytes.byteCount
        noteOwner(of: id, stat.ephemeralOwner)
        return id
    }

    /// Removes a node that has no children. Its access list loses a use.
    mutating func remove(_ id: UInt32, path: RawSpan, hash: UInt32) {
        let node = nodes[id]
        forgetOwner(of: id, node.pointee.stat.ephemeralOwner)
        if node.pointee.isPlaceholder { placeholderCount -= 1 }
        digest &-= UInt64(node.pointee.digest)
        dataByteCount -= path.byteCount + node.pointee.dataByteCount
        accessLists.release(node.pointee.acl)
        unlink(id)
        blocks.free(node.pointee.block, byteCount: node.pointee.blockByteCount)
        index.remove(hash, id)
        node.pointee = Node()
        nodes.free(id)
    }

    /// Replaces a node's data; the digest is brought up to date by `refreshDigest`.
    mutating func replaceData(of id: UInt32, path: RawSpan, with data: borrowing JuteBuffer) {
        replaceData(of: id, with: data)
        if !Path.isUncounted(path) {
            nodes[id].pointee.contentCRC = CRC32.of(data.bytes, continuing: CRC32.of(path))
        }
    }

    /// The same for a node that no digest covers.
    mutating func replaceData(of id: UInt32, with data: borrowing JuteBuffer) {
        let node = nodes[id]
        let oldByteCount = node.pointee.blockByteCount
        let nameByteCount = Int(node.pointee.nameByteCount)
        let newByteCount = nameByteCount + data.bytes.byteCount
        dataByteCount += newByteCount - oldByteCount
        if !BlockArena.isSameClass(oldByteCount, newByteCount) {
            let new = blocks.allocate(byteCount: newByteCount)
            if nameByteCount > 0 {
                let old = blocks.address(node.pointee.block, byteCount: oldByteCount)
                blocks.address(new, byteCount: newByteCount).copyMemory(from: old, byteCount: nameByteCount)
            }
            blocks.free(node.pointee.block, byteCount: oldByteCount)
            node.pointee.block = new
        }
        node.pointee.rawDataByteCount = data.isNull ? -1 : Int32(data.bytes.byteCount)
        if data.bytes.byteCount > 0 {
            Self.copy(
                data.bytes, to: blocks.address(node.pointee.block, byteCount: newByteCount) + nameByteCount)
        }
    }

    /// Brings a node's part in the digest up to date after its stat or data changed.
    @inline(__always)
    mutating func refreshDigest(of id: UInt32, path: RawSpan) {
        if Path.isUncounted(path) { return }
        let node = nodes[id]
        let new = node.pointee.stat.digest(continuing: node.pointee.contentCRC)
        digest = digest &- UInt64(node.pointee.digest) &+ UInt64(new)
        node.pointee.digest = new
    }

    private mutating func link(_ id: UInt32, under parent: UInt32) {
        let first = nodes[parent].pointee.firstChild
        nodes[id].pointee.nextSibling = first
        nodes[id].pointee.previousSibling = 0
        if first != 0 { nodes[first].pointee.previousSibling = id }
        nodes[parent].pointee.firstChild = id
        nodes[parent].pointee.childCount += 1
        countDescendant(below: parent)
    }

    private mutating func unlink(_ id: UInt32) {
        let node = nodes[id].pointee
        if node.previousSibling != 0 {
            nodes[node.previousSibling].pointee.nextSibling = node.nextSibling
        } else {
            nodes[node.parent].pointee.firstChild = node.nextSibling
        }
        if node.nextSibling != 0 { nodes[node.nextSibling].pointee.previousSibling = node.previousSibling }
        nodes[node.parent].pointee.childCount -= 1
        uncountDescendant(below: node.parent)
    }

    @inline(__always)
    private static func copy(_ bytes: RawSpan, to destination: UnsafeMutableRawPointer) {
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            destination.copyMemory(from: start, byteCount: source.count)
        }
    }
}
