/// What a watcher asked to be told of at a path.
struct WatchModes: OptionSet, BitwiseCopyable {
    var rawValue: UInt8

    /// Once, of the node itself: exists and getData.
    static let data = WatchModes(rawValue: 1)
    /// Once, of its list of children: getChildren.
    static let child = WatchModes(rawValue: 2)
    /// Of both, until removed.
    static let persistent = WatchModes(rawValue: 4)
    /// Of the node and all below it, until removed.
    static let recursive = WatchModes(rawValue: 8)

    static let oneShot: WatchModes = [.data, .child]
    static let any: WatchModes = [.data, .child, .persistent, .recursive]

    /// In how many of ZooKeeper's two tables it would stand: data watches, and child watches.
    var kindCount: Int {
        (isDisjoint(with: [.data, .persistent, .recursive]) ? 0 : 1)
            + (isDisjoint(with: [.child, .persistent]) ? 0 : 1)
    }
}

/// Who watches which path. A watch is one connection at one path, in one or more modes.
///
/// Paths, not nodes, because a node need not exist to be watched. All operations take the same time
/// however many watches there are; removing a connection takes time by its own. Connections have small
/// numbers, which are used again.
struct WatchTable: ~Copyable {
    private struct WatchedPath: BitwiseCopyable {
        var hash: UInt32
        var block: UInt32
        var byteCount: UInt32
        var first: UInt32 = 0
        var last: UInt32 = 0
    }

    private struct Watch: BitwiseCopyable {
        var path: UInt32
        var connection: UInt32
        var modes: WatchModes
        var nextAtPath: UInt32 = 0
        var previousAtPath: UInt32 = 0
        var nextOfConnection: UInt32 = 0
        var previousOfConnection: UInt32 = 0
    }

    /// The watches of one connection.
    private struct Watcher: BitwiseCopyable {
        var first: UInt32 = 0
        var count: UInt32 = 0
    }

    private let hash: SeededHash
    private var paths = Slab<WatchedPath>(chunkShift: 8)
    private var watches = Slab<Watch>(chunkShift: 8)
    private var blocks = BlockArena()
    private var pathIndex = HashIndex()
    private var watchIndex = HashIndex()
    /// By the connection's number.
    private var watchers: [Watcher] = []
    private(set) var connectionCount = 0
    private(set) var recursiveCount = 0
    /// Watches as ZooKeeper counts them: those of data and of children each by themselves.
    private(set) var kindCount = 0

    init(hash: SeededHash) { self.hash = hash }

    var isEmpty: Bool { watches.count == 0 }
    /// Pairs of connection and path.
    var count: Int { watches.count }
    var pathCount: Int { paths.count }
    /// Paths that a connection watches.
    func count(of connection: UInt32) -> Int {
        Int(connection) < watchers.count ? Int(watchers[Int(connection)].count) : 0
    }
    /// Memory taken from the system for watches and their paths, used or not.
    var reservedByteCount: Int {
        paths.reservedByteCount + watches.reservedByteCount + blocks.reservedByteCount
            + pathIndex.reservedByteCount + watchIndex.reservedByteCount
    }

    /// Adds modes to a connection's watch at a stored path.
    mutating func add(_ modes: WatchModes, at path: RawSpan, connection: UInt32) {
        let pathID = findOrMakePath(path)
        let found = find(pathID, connection)
        if found != 0 {
            let old = watches[found].pointee.modes
            if modes.contains(.recursive), !old.contains(.recursive) { recursiveCount += 1 }
            watches[found].pointee.modes = old.union(modes)
            kindCount += old.union(modes).kindCount - old.kindCount
            return
        }
        kindCount += modes.kindCount
        if modes.contains(.recursive) { recursiveCount += 1 }
        let id = watches.allocate(Watch(path: pathID, connection: connection, modes: modes))
        watchIndex.insert(hash(pathID, connection), id)
        appendToPath(id, pathID)
        linkToConnection(id, connection)
    }

    private mutating func linkToConnection(_ id: UInt32, _ connection: UInt32) {
        let place = Int(connection)
        while watchers.count <= place { watchers.append(Watcher()) }
        let first = watchers[place].first
        watches[id].pointee.nextOfConnection = first
        if first != 0 { watches[first].pointee.previousOfConnection = id } else { connectionCount += 1 }
        watchers[place].first = id
        watchers[place].count += 1
    }

    /// Whether the connection watches the path in any of these modes.
    func contains(_ modes: WatchModes, at path: RawSpan, connection: UInt32) -> Bool {
        let pathID = find(path)
        guard pathID != 0 else { return false }
        let id = find(pathID, connection)
        return id != 0 && !watches[id].pointee.modes.isDisjoint(with: modes)
    }

    /// Takes modes away; returns whether there was any of them.
    mutating func remove(_ modes: WatchModes, at path: RawSpan, connection: UInt32) -> Bool {
        let pathID = find(path)
        guard pathID != 0 else { return false }
        let id = find(pathID, connection)
        guard id != 0, !watches[id].pointee.modes.isDisjoint(with: modes) else { return false }
        take(modes, from: id)
        return true
    }

    /// Forgets up to `countMax` watches of a connection; true if none is left.
    mutating func removeConnection(_ connection: UInt32, countMax: Int) -> Bool {
        let place = Int(connection)
        guard place < watchers.count else { return true }
        for _ in 0..<countMax {
            guard watchers[place].first != 0 else { return true }
            take(.any, from: watchers[place].first)
        }
        return watchers[place].first == 0
    }

    /// Appends the connections that watch the path in any of `modes`, and ends their one-shot ones among them.
    mutating func fire(_ modes: WatchModes, at path: RawSpan, hash: UInt32, into watchers: inout [UInt32]) {
        let pathID = find(path, hash: hash)
        guard pathID != 0 else { return }
        var id = paths[pathID].pointee.first
        while id != 0 {
            let watch = watches[id].pointee
            if !watch.modes.isDisjoint(with: modes) {
                watchers.append(watch.connection)
                let ended = watch.modes.intersection(modes).intersection(.oneShot)
                if !ended.isEmpty { take(ended, from: id) }
            }
            id = watch.nextAtPath
        }
    }

    /// Appends the connections that watch any prefix of the path recursively.
    func collectRecursive(above path: RawSpan, into watchers: inout [UInt32]) {
        var end = path.byteCount
        while true {
            let prefix = path.extracting(first: end)
            let pathID = find(prefix)
            var id = pathID == 0 ? 0 : paths[pathID].pointee.first
            while id != 0 {
                let watch = watches[id].pointee
                if watch.modes.contains(.recursive) { watchers.append(watch.connection) }
                id = watch.nextAtPath
            }
            if end == 0 { return }
            end = max(0, Path.lastSlash(prefix))
        }
    }

    private func withPath<R>(_ pathID: UInt32, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let path = paths[pathID].pointee
        if path.byteCount == 0 { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = blocks.address(path.block, byteCount: Int(path.byteCount))
        return body(UnsafeRawBufferPointer(start: start, count: Int(path.byteCount)))
    }

    private func find(_ path: RawSpan) -> UInt32 { find(path, hash: hash(path)) }

    private func find(_ path: RawSpan, hash: UInt32) -> UInt32 {
        var probe = pathIndex.probe(hash)
        while true {
            let id = pathIndex.next(&probe)
            if id == 0 { return 0 }
            if path.withUnsafeBytes({ bytes in withPath(id) { $0.isEqual(to: bytes) } }) { return id }
        }
    }

    private func find(_ pathID: UInt32, _ connection: UInt32) -> UInt32 {
        var probe = watchIndex.probe(hash(pathID, connection))
        while true {
            let id = watchIndex.next(&probe)
            if id == 0 { return 0 }
            if watches[id].pointee.path == pathID, watches[id].pointee.connection == connection { return id }
        }
    }

    private mutating func findOrMakePath(_ path: RawSpan) -> UInt32 {
        let hash = hash(path)
        let found = find(path, hash: hash)
        if found != 0 { return found }
        let block = blocks.allocate(byteCount: path.byteCount)
        if path.byteCount > 0 {
            let destination = blocks.address(block, byteCount: path.byteCount)
            path.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: destination, count: $0.count).copyMemory(from: $0)
            }
        }
        let id = paths.allocate(
            WatchedPath(hash: hash, block: block, byteCount: UInt32(path.byteCount)))
        pathIndex.insert(hash, id)
        return id
    }

    private mutating func appendToPath(_ id: UInt32, _ pathID: UInt32) {
        let last = paths[pathID].pointee.last
        watches[id].pointee.previousAtPath = last
        if last != 0 { watches[last].pointee.nextAtPath = id } else { paths[pathID].pointee.first = id }
        paths[pathID].pointee.last = id
    }

    /// Takes modes from a watch, and the watch away with its last one, and the path with its last watch.
    private mutating func take(_ modes: WatchModes, from id: UInt32) {
        let watch = watches[id].pointee
        if watch.modes.intersection(modes).contains(.recursive) { recursiveCount -= 1 }
        watches[id].pointee.modes.subtract(modes)
        kindCount -= watch.modes.kindCount - watch.modes.subtracting(modes).kindCount
        guard watches[id].pointee.modes.isEmpty else { return }
        watchIndex.remove(hash(watch.path, watch.connection), id)
        unlinkFromConnection(watch)
        unlinkFromPath(watch)
        watches.free(id)
    }

    private mutating func unlinkFromConnection(_ watch: Watch) {
        let place = Int(watch.connection)
        watchers[place].count -= 1
        if watch.nextOfConnection != 0 {
            watches[watch.nextOfConnection].pointee.previousOfConnection = watch.previousOfConnection
        }
        if watch.previousOfConnection != 0 {
            watches[watch.previousOfConnection].pointee.nextOfConnection = watch.nextOfConnection
        } else {
            watchers[place].first = watch.nextOfConnection
            if watch.nextOfConnection == 0 { connectionCount -= 1 }
        }
    }

    private mutating func unlinkFromPath(_ watch: Watch) {
        let pathID = watch.path
        if watch.nextAtPath != 0 {
            watches[watch.nextAtPath].pointee.previousAtPath = watch.previousAtPath
        } else {
            paths[pathID].pointee.last = watch.previousAtPath
        }
        if watch.previousAtPath != 0 {
            watches[watch.previousAtPath].pointee.nextAtPath = watch.nextAtPath
        } else {
            paths[pathID].pointee.first = watch.nextAtPath
        }
        guard paths[pathID].pointee.first == 0 else { return }
        let path = paths[pathID].pointee
        pathIndex.remove(path.hash, pathID)
        blocks.free(path.block, byteCount: Int(path.byteCount))
        paths.free(pathID)
    }
}

/// For who looks at the whole table. The walks end when `body` says false.
extension WatchTable {
    /// Every watched path with the connections that watch it, in no order.
    func forEachPath(_ body: (UnsafeRawBufferPointer, _ connections: [UInt32]) -> Bool) {
        var connections: [UInt32] = []
        // A number that is free has no first watch: its last one went before it did.
        for pathID in 1..<paths.nextFresh where paths[pathID].pointee.first != 0 {
            connections.removeAll(keepingCapacity: true)
            var id = paths[pathID].pointee.first
            while id != 0 {
                connections.append(watches[id].pointee.connection)
                id = watches[id].pointee.nextAtPath
            }
            guard withPath(pathID, { body($0, connections) }) else { return }
        }
    }

    /// Every watch, those of a connection one behind the other, by the connections' numbers.
    func forEachConnection(_ body: (_ connection: UInt32, UnsafeRawBufferPointer) -> Bool) {
        for connection in watchers.indices {
            var id = watchers[connection].first
            while id != 0 {
                guard withPath(watches[id].pointee.path, { body(UInt32(connection), $0) }) else { return }
                id = watches[id].pointee.nextOfConnection
            }
        }
    }
}
