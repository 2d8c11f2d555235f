import Jute

/// How far a look at all containers and nodes with a time to live has come. It stays good while the tree
/// changes: a node that is there all the time is looked at once.
package struct ExpiryCursor: Sendable {
    fileprivate var nextID: UInt32 = 0
    /// All have been looked at.
    package fileprivate(set) var isAtEnd = false

    package init() {}
}

extension DataTree {
    /// Goes on looking for containers and nodes whose time is over, in the order in which their memory lies;
    /// for the leader's reaper, which asks for deleteContainer of each.
    ///
    /// A look at one takes some tens of nanoseconds, or a cache miss.
    ///
    /// - Parameters:
    ///   - now: the leader's clock, milliseconds since 1970.
    ///   - neverUsedMax: how long a container may stay without ever having had a child; 0 for ever.
    ///   - seenMax: how many to look at.
    ///   - countMax: how many to name at most, at least 1.
    package func expiredPaths(
        from cursor: inout ExpiryCursor, now: Int64, neverUsedMax: Int64, seenMax: Int, countMax: Int
    ) -> [[UInt8]] {
        var paths: [[UInt8]] = []
        for _ in 0..<seenMax {
            guard let id = expirables.first(from: cursor.nextID) else {
                cursor.isAtEnd = true
                break
            }
            cursor.nextID = id &+ 1
            guard isExpired(id, now: now, neverUsedMax: neverUsedMax) else { continue }
            paths.append(path(of: id))
            if paths.count == countMax { break }
        }
        return paths
    }

    /// Containers and nodes with a time to live.
    package var expirableCount: Int { expirables.count }

    private func isExpired(_ id: UInt32, now: Int64, neverUsedMax: Int64) -> Bool {
        let node = nodes[id].pointee
        guard node.childCount == 0 else { return false }
        switch kind(node.stat.ephemeralOwner) {
        case .container:
            if node.stat.cversion > 0 { return true }
            return neverUsedMax > 0 && now &- node.stat.mtime > neverUsedMax
        case .timeToLive(let milliseconds):
            return now &- node.stat.mtime > milliseconds
        case .persistent, .ephemeral:
            return false
        }
    }
}
