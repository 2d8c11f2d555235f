import Jute

/// Who is told that a node is there, or is not.
///
/// As in ZooKeeper a node that may not be read answers NoAuth and a missing one NoNode, so that whoever
/// guesses a name learns whether it exists. With `TreeRules.hidesExistence` a missing node answers NoAuth, too,
/// unless the asker could list the place where it would stand: unless he may read the nearest of its
/// ancestors that exists.
extension DataTree {
    /// The code that answers a request for a node that is not there.
    @inline(__always)
    func absence(of path: RawSpan, from identities: [Identity]) -> ErrorCode {
        hides(path, 0, from: identities) ? .noAuth : .noNode
    }

    /// Whether somebody may not learn, by the rule, that a node is there, or is not.
    ///
    /// - Parameter id: the node at the path; 0 if there is none.
    @inline(__always)
    func hides(_ path: RawSpan, _ id: UInt32, from identities: [Identity]) -> Bool {
        guard rules.hidesExistence else { return false }
        let acl = id != 0 ? nodes[id].pointee.acl : nearestAncestor(of: Path.stored(path)).acl
        return !isAllowed(.read, by: acl, to: identities)
    }

    /// The deepest ancestor that exists, pending changes included; at last the root.
    ///
    /// Where an ancestor exists all above it do, so the depth is searched by halves: a path may have as many
    /// slashes as a frame has bytes.
    private func nearestAncestor(of path: RawSpan) -> NodeState {
        var slashes: [Int] = []
        for index in 0..<path.byteCount where Path.byte(path, index) == Path.slash { slashes.append(index) }
        let root = path.extracting(first: 0)
        var found = state(root, hash: hash(root))
        // The first slash is the root's.
        var (low, high) = (1, slashes.count)
        while low < high {
            let middle = (low + high) / 2
            let ancestor = path.extracting(first: slashes[middle])
            let state = state(ancestor, hash: hash(ancestor))
            if state.exists {
                found = state
                low = middle + 1
            } else {
                high = middle
            }
        }
        return found
    }
}
