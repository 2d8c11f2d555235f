/// How many nodes are below a node, kept up to date rather than counted when somebody asks.
///
/// A node's children are counted in the node. What is below those stands in a table on the side, which has
/// a line only for nodes with grandchildren; the root has none, because everything is below it. So a node
/// in the upper two levels costs nothing, and each level further down one look-up.
extension DataTree {
    /// All nodes below this one.
    func descendantCount(of id: UInt32) -> Int {
        if id == Self.rootID { return nodeCount - 1 }
        return Int(nodes[id].pointee.childCount) + Int(grandchildCounts[id] ?? 0)
    }

    /// A child has come to `parent`.
    @inline(__always)
    mutating func countDescendant(below parent: UInt32) {
        var id = parent
        while id != Self.rootID {
            id = nodes[id].pointee.parent
            if id == Self.rootID { return }
            grandchildCounts[id, default: 0] &+= 1
        }
    }

    /// A child has gone from `parent`.
    @inline(__always)
    mutating func uncountDescendant(below parent: UInt32) {
        var id = parent
        while id != Self.rootID {
            id = nodes[id].pointee.parent
            guard id != Self.rootID, let place = grandchildCounts.index(forKey: id) else { return }
            grandchildCounts.values[place] &-= 1
            if grandchildCounts.values[place] == 0 { grandchildCounts.remove(at: place) }
        }
    }
}
