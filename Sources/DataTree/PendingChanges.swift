import Identifiers

/// A node as the pipeline sees it.
struct NodeState: BitwiseCopyable {
    var stat = NodeStat()
    var childCount: UInt32 = 0
    var acl: UInt32 = 0
    var contentCRC: UInt32 = 0
    var digest: UInt32 = 0
    var dataByteCount: UInt32 = 0
    /// False for a node whose deletion is pending.
    var exists = false
}

/// What the tree will be once everything prepared has been applied, where it differs from what it is.
///
/// One entry a path, however many changes are in flight for it; it goes when the last of them is applied.
struct PendingChanges: ~Copyable {
    struct PendingNode: BitwiseCopyable {
        var state: NodeState
        var lastZxid: Int64
        var hash: UInt32
        var block: UInt32
        var byteCount: UInt32
    }

    /// What an entry was before an operation of a multi touched it.
    struct Undo {
        var id: UInt32
        /// Nil when there was no entry.
        var before: PendingNode?
    }

    private struct Change {
        var zxid: Zxid
        var id: UInt32
    }

    private var entries = Slab<PendingNode>(chunkShift: 8)
    private var blocks = BlockArena()
    private var index = HashIndex()
    private var queue: [Change] = []
    private var queueHead = 0
    /// The tree's digest after all of it; means something only while there is something.
    var digest: UInt64 = 0

    var isEmpty: Bool { queueHead == queue.count }
    /// Entries.
    var count: Int { entries.count }

    subscript(id: UInt32) -> UnsafeMutablePointer<PendingNode> { entries[id] }

    /// The entry of a stored path; 0 when nothing is pending for it.
    @inline(__always)
    func find(_ path: RawSpan, hash: UInt32) -> UInt32 {
        if entries.count == 0 { return 0 }
        var probe = index.probe(hash)
        while true {
            let id = index.next(&probe)
            if id == 0 { return 0 }
            if path.withUnsafeBytes({ bytes in withPath(of: id) { $0.isEqual(to: bytes) } }) { return id }
        }
    }

    /// Makes an entry for a path that has none.
    mutating func insert(_ path: RawSpan, hash: UInt32, _ state: NodeState) -> UInt32 {
        let block = blocks.allocate(byteCount: path.byteCount)
        if path.byteCount > 0 {
            let destination = blocks.address(block, byteCount: path.byteCount)
            path.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: destination, count: $0.count).copyMemory(from: $0)
            }
        }
        let id = entries.allocate(
            PendingNode(
                state: state, lastZxid: 0, hash: hash, block: block, byteCount: UInt32(path.byteCount)))
        index.insert(hash, id)
        return id
    }

    /// Notes that a change of `zxid` touches an entry.
    mutating func touch(_ id: UInt32, zxid: Zxid) {
        if entries[id].pointee.lastZxid == zxid.rawValue { return }
        entries[id].pointee.lastZxid = zxid.rawValue
        queue.append(Change(zxid: zxid, id: id))
    }

    /// Takes the next entry out whose changes have all been applied up to `zxid`, and returns its state.
    mutating func popApplied(upTo zxid: Zxid) -> NodeState? {
        while queueHead < queue.count, queue[queueHead].zxid <= zxid {
            let change = queue[queueHead]
            queueHead += 1
            if queueHead >= 1024, queueHead * 2 >= queue.count {
                queue.removeFirst(queueHead)
                queueHead = 0
            }
            if entries[change.id].pointee.lastZxid == change.zxid.rawValue { return remove(change.id) }
        }
        if queueHead == queue.count, queueHead > 0 {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
        }
        return nil
    }

    /// Forgets that `zxid`, the last one touched, touched anything.
    mutating func forgetQueued(_ zxid: Zxid) {
        while let last = queue.last, queue.count > queueHead, last.zxid == zxid { queue.removeLast() }
    }

    mutating func remove(_ id: UInt32) -> NodeState {
        let entry = entries[id].pointee
        index.remove(entry.hash, id)
        blocks.free(entry.block, byteCount: Int(entry.byteCount))
        entries.free(id)
        return entry.state
    }

    @inline(__always)
    func withPath<R>(of id: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let entry = entries[id].pointee
        if entry.byteCount == 0 { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = blocks.address(entry.block, byteCount: Int(entry.byteCount))
        return body(UnsafeRawBufferPointer(start: start, count: Int(entry.byteCount)))
    }

    /// Paths of nodes that will exist and belong to this session; in the order of their last change.
    func paths(ownedBy owner: Int64) -> [[UInt8]] {
        queue[queueHead...].compactMap { change in
            let entry = entries[change.id].pointee
            guard entry.lastZxid == change.zxid.rawValue, entry.state.exists,
                entry.state.stat.ephemeralOwner == owner
            else { return nil }
            return withPath(of: change.id) { [UInt8]($0) }
        }
    }
}
