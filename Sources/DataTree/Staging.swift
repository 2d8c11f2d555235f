import Identifiers
import Jute

/// Looking at the tree as it will be, and changing that.
extension DataTree {
    /// The digest after everything pending.
    var preparedDigest: UInt64 { pending.isEmpty ? digest : pending.digest }

    /// The node at a path as it will be; one that does not exist has `exists` false.
    @inline(__always)
    func state(_ path: RawSpan, hash: UInt32) -> NodeState {
        let entry = pending.find(path, hash: hash)
        if entry != 0 { return pending[entry].pointee.state }
        let id = findAny(path, hash: hash)
        if id == 0 || nodes[id].pointee.isPlaceholder { return NodeState() }
        let node = nodes[id]
        return NodeState(
            stat: node.pointee.stat, childCount: node.pointee.childCount, acl: node.pointee.acl,
            contentCRC: node.pointee.contentCRC, digest: node.pointee.digest,
            dataByteCount: UInt32(node.pointee.dataByteCount), exists: true)
    }

    /// Makes a change pending: computes the node's digest and moves the prepared one along.
    ///
    /// The entry has its own use of the state's access list.
    ///
    /// - Parameter undo: notes what was before, for multis, with a use of the old access list.
    mutating func stage(
        _ path: RawSpan, hash: UInt32, _ state: NodeState, zxid: Zxid, undo: inout [PendingChanges.Undo]?
    ) {
        var state = state
        let before = preparedDigest
        let found = pending.find(path, hash: hash)
        var oldDigest = state.digest
        if found != 0 { oldDigest = pending[found].pointee.state.digest }
        if state.exists && !Path.isUncounted(path) {
            state.digest = state.stat.digest(continuing: state.contentCRC)
        } else {
            state.digest = 0
        }
        accessLists.retain(state.acl)
        if found != 0 {
            if undo != nil {
                accessLists.retain(pending[found].pointee.state.acl)
                undo?.append(PendingChanges.Undo(id: found, before: pending[found].pointee))
            }
            accessLists.release(pending[found].pointee.state.acl)
            pending[found].pointee.state = state
            pending.touch(found, zxid: zxid)
        } else {
            let id = pending.insert(path, hash: hash, state)
            undo?.append(PendingChanges.Undo(id: id, before: nil))
            pending.touch(id, zxid: zxid)
        }
        pending.digest = before &- UInt64(oldDigest) &+ UInt64(state.digest)
    }

    /// Takes back what a failed multi has staged.
    mutating func rollBack(_ undo: [PendingChanges.Undo], zxid: Zxid, digest: UInt64) {
        pending.forgetQueued(zxid)
        quotas.forgetPending(of: zxid)
        for change in undo.reversed() {
            guard let before = change.before else {
                accessLists.release(pending.remove(change.id).acl)
                continue
            }
            accessLists.release(pending[change.id].pointee.state.acl)
            pending[change.id].pointee = before
        }
        pending.digest = digest
    }

    /// Gives back what a multi that went well had noted.
    mutating func forget(_ undo: [PendingChanges.Undo]) {
        for change in undo { if let before = change.before { accessLists.release(before.state.acl) } }
    }

    /// Drops what has been applied.
    mutating func dropPending(upTo zxid: Zxid) {
        while let state = pending.popApplied(upTo: zxid) { accessLists.release(state.acl) }
        quotas.dropPending(upTo: zxid)
    }

    /// Forgets everything prepared but not applied: this server does not lead any more.
    package mutating func dropPendingChanges() { dropPending(upTo: Zxid(rawValue: .max)) }
}
