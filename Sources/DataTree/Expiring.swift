import Jute

extension DataTree {
    /// Containers and nodes with a time to live whose time is over, sorted; for the leader's reaper, which
    /// asks for deleteContainer of each.
    ///
    /// - Parameters:
    ///   - now: the leader's clock, milliseconds since 1970.
    ///   - neverUsedMax: how long a container may stay without ever having had a child; 0 for ever.
    ///   - countMax: how many to name at most.
    package func expiredPaths(now: Int64, neverUsedMax: Int64, countMax: Int) -> [[UInt8]] {
        // Numbers are sorted faster than paths are made: there may be a million, and one turn names a few.
        var ids = expirables.filter { isExpired($0, now: now, neverUsedMax: neverUsedMax) }.sorted()
        if ids.count > countMax { ids.removeLast(ids.count - countMax) }
        return ids.map { path(of: $0) }.sorted { $0.lexicographicallyPrecedes($1) }
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
