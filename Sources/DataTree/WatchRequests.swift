import Jute

/// How addWatch watches.
package enum WatchMode: Int32, Sendable {
    case persistent = 0
    case persistentRecursive = 1
}

extension DataTree {
    /// setWatches and setWatches2: sets again what a client that reconnects was watching, and tells what
    /// its standard watches missed (zxid -1), in the order of the lists. That goes out before the reply.
    ///
    /// A node that came and went unseen stays unseen. What persistent watches missed is not told here, see
    /// `MissedEvents`.
    ///
    /// - Parameter identities: the watcher's; what is hidden from them (`TreeRules.hidesExistence`) is
    ///   watched and not told.
    package mutating func setWatches(
        _ request: consuming SetWatchesRequest, watcher: UInt32, identities: [Identity] = [],
        tell: (WatchEventType, _ path: RawSpan) -> Void
    ) {
        let seen = request.relativeZxid
        var paths = request.data
        while let path = paths.next() {
            let id = find(path)
            let change: WatchEventType? =
                id == 0 ? .nodeDeleted : nodes[id].pointee.stat.mzxid > seen ? .nodeDataChanged : nil
            if let change, !hides(path, id, from: identities) {
                tell(change, path)
            } else {
                watches.add(.data, at: Path.stored(path), connection: watcher)
            }
        }
        paths = request.exist
        while let path = paths.next() {
            let id = find(path)
            if id != 0, !hides(path, id, from: identities) {
                tell(.nodeCreated, path)
            } else {
                watches.add(.data, at: Path.stored(path), connection: watcher)
            }
        }
        paths = request.child
        while let path = paths.next() {
            let id = find(path)
            let change: WatchEventType? =
                id == 0
                ? .nodeDeleted : nodes[id].pointee.stat.pzxid > seen ? .nodeChildrenChanged : nil
            if let change, !hides(path, id, from: identities) {
                tell(change, path)
            } else {
                watches.add(.child, at: Path.stored(path), connection: watcher)
            }
        }
        paths = request.persistent
        while let path = paths.next() { addWatch(path, mode: .persistent, watcher: watcher) }
        paths = request.persistentRecursive
        while let path = paths.next() { addWatch(path, mode: .persistentRecursive, watcher: watcher) }
    }

    /// addWatch. The node need not exist.
    package mutating func addWatch(_ path: RawSpan, mode: WatchMode, watcher: UInt32) {
        let modes: WatchModes = mode == .persistent ? .persistent : .recursive
        watches.add(modes, at: Path.stored(path), connection: watcher)
    }

    /// checkWatches; `kind` is the request's number (1 children, 2 data, 3 any, 4 persistent,
    /// 5 persistent recursive). Throws noWatcher, or marshallingError for another number.
    package func checkWatches(_ path: RawSpan, kind: Int32, watcher: UInt32) throws(ErrorCode) {
        let modes = try Self.modes(kind)
        guard watches.contains(modes, at: Path.stored(path), connection: watcher) else { throw .noWatcher }
    }

    /// removeWatches; as `checkWatches`.
    package mutating func removeWatches(_ path: RawSpan, kind: Int32, watcher: UInt32) throws(ErrorCode) {
        let modes = try Self.modes(kind)
        guard watches.remove(modes, at: Path.stored(path), connection: watcher) else { throw .noWatcher }
    }

    /// Drops up to `countMax` watches of a connection that is gone, in time proportional to them.
    ///
    /// - Returns: whether that was all. Until then its number must not be given to another connection.
    package mutating func removeWatcher(_ watcher: UInt32, countMax: Int = .max) -> Bool {
        watches.removeConnection(watcher, countMax: countMax)
    }

    /// Pairs of connection and path.
    package var watchCount: Int { watches.count }
    /// Paths that one connection watches.
    package func watchCount(of watcher: UInt32) -> Int { watches.count(of: watcher) }
    package var watchedPathCount: Int { watches.pathCount }
    package var watcherCount: Int { watches.connectionCount }
    /// As ZooKeeper's `watch_count`: a watch of data and of children counts twice.
    package var watchKindCount: Int { watches.kindCount }
    /// Memory taken from the system for watches and their paths, used or not.
    package var watchReservedByteCount: Int { watches.reservedByteCount }

    /// Calls `body` with every watched path as clients know it and the connections that watch it, in no
    /// order, until it says false.
    package func forEachWatchedPath(_ body: (_ path: [UInt8], _ watchers: [UInt32]) -> Bool) {
        watches.forEachPath { path, watchers in body(Self.shown(path), watchers) }
    }

    /// Calls `body` with every watch, those of a connection together, until it says false.
    package func forEachWatch(_ body: (_ watcher: UInt32, _ path: [UInt8]) -> Bool) {
        watches.forEachConnection { watcher, path in body(watcher, Self.shown(path)) }
    }

    private static func shown(_ path: UnsafeRawBufferPointer) -> [UInt8] {
        path.isEmpty ? [Path.slash] : [UInt8](path)
    }

    private static func modes(_ kind: Int32) throws(ErrorCode) -> WatchModes {
        switch kind {
        case 1: .child
        case 2: .data
        case 3: .any
        case 4: .persistent
        case 5: .recursive
        default: throw .marshallingError
        }
    }
}
