import Identifiers
import Jute

extension DataTree {
    /// Fires the watches of a node itself: created, changed or deleted.
    ///
    /// A deletion fires child watches too, and a connection that has both is told once.
    mutating func fireNode(
        _ type: WatchEventType, _ path: RawSpan, hash: UInt32, zxid: Zxid, acl: UInt32,
        into events: inout [WatchEvent]
    ) {
        if watches.isEmpty { return }
        var watchers: [UInt32] = []
        let modes: WatchModes = type == .nodeDeleted ? [.data, .child, .persistent] : [.data, .persistent]
        watches.fire(modes, at: path, hash: hash, into: &watchers)
        if watches.recursiveCount > 0 {
            let direct = watchers.count
            watches.collectRecursive(above: path, into: &watchers)
            if watchers.count > direct { Self.dropDoubles(&watchers, from: direct) }
        }
        emit(type, path, zxid: zxid, acl: acl, watchers, into: &events)
    }

    /// Leaves each watcher once, at its first place; those before `start` differ.
    private static func dropDoubles(_ watchers: inout [UInt32], from start: Int) {
        var end = start
        // A few are compared faster than hashed.
        var known = watchers.count > 16 ? Set(watchers[..<start]) : []
        for index in start..<watchers.count {
            let watcher = watchers[index]
            let isNew =
                watchers.count > 16 ? known.insert(watcher).inserted : !watchers[..<end].contains(watcher)
            guard isNew else { continue }
            watchers[end] = watcher
            end += 1
        }
        watchers.removeLast(watchers.count - end)
    }

    /// Fires the watches of a parent whose list of children changed.
    mutating func fireChildren(
        of parent: RawSpan, hash: UInt32, zxid: Zxid, acl: UInt32, into events: inout [WatchEvent]
    ) {
        if watches.isEmpty { return }
        var watchers: [UInt32] = []
        watches.fire([.child, .persistent], at: parent, hash: hash, into: &watchers)
        emit(.nodeChildrenChanged, parent, zxid: zxid, acl: acl, watchers, into: &events)
    }

    private func emit(
        _ type: WatchEventType, _ path: RawSpan, zxid: Zxid, acl: UInt32, _ watchers: [UInt32],
        into events: inout [WatchEvent]
    ) {
        if watchers.isEmpty { return }
        let isOpen = rules.skipsAccessChecks || accessLists.isOpen(acl, for: .read)
        events.append(
            WatchEvent(
                type: type, path: Self.shown(path), zxid: zxid.rawValue, watchers: watchers,
                restriction: isOpen ? nil : accessLists.entries(acl)))
    }

    /// A stored path as clients see it.
    static func shown(_ path: RawSpan) -> [UInt8] {
        path.byteCount == 0 ? [Path.slash] : path.withUnsafeBytes { [UInt8]($0) }
    }
}
