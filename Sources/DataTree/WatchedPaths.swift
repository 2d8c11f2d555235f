import ByteCoding
import Jute

/// The persistent and recursive watches of one client, to be compared with records away from the tree.
///
/// Never changed once it is made, so any thread may look into it.
package final class WatchedPaths: @unchecked Sendable {
    private struct Entry {
        var start: Int
        var byteCount: Int
        var modes: WatchModes
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var index = HashIndex()
    private let hash: SeededHash
    private(set) var hasRecursive = false

    fileprivate init(hash: SeededHash) { self.hash = hash }

    package var count: Int { entries.count }

    fileprivate func add(_ modes: WatchModes, at path: RawSpan) {
        let hash = hash(path)
        if modes.contains(.recursive) { hasRecursive = true }
        let found = path.withUnsafeBytes { find($0, hash) }
        if found >= 0 {
            entries[found].modes.formUnion(modes)
            return
        }
        entries.append(Entry(start: bytes.count, byteCount: path.byteCount, modes: modes))
        bytes.append(path)
        index.insert(hash, UInt32(entries.count))
    }

    /// How the path is watched; nothing if it is not.
    func modes(at path: UnsafeRawBufferPointer, hash: UInt32) -> WatchModes {
        let found = find(path, hash)
        return found < 0 ? [] : entries[found].modes
    }

    private func find(_ path: UnsafeRawBufferPointer, _ hash: UInt32) -> Int {
        var probe = index.probe(hash)
        while true {
            let id = index.next(&probe)
            if id == 0 { return -1 }
            let entry = entries[Int(id) - 1]
            let isFound = bytes.withUnsafeBytes {
                UnsafeRawBufferPointer(rebasing: $0[entry.start..<entry.start + entry.byteCount])
                    .isEqual(to: path)
            }
            if isFound { return Int(id) - 1 }
        }
    }
}

extension DataTree {
    /// What a request sets persistently and the connection does not watch in the same way already.
    package func newPersistentWatches(
        of request: borrowing SetWatchesRequest, watcher: UInt32
    ) -> WatchedPaths {
        let watched = WatchedPaths(hash: hash)
        var paths = request.persistent
        while let path = paths.next() { add(.persistent, path, watcher, to: watched) }
        paths = request.persistentRecursive
        while let path = paths.next() { add(.recursive, path, watcher, to: watched) }
        return watched
    }

    private func add(_ modes: WatchModes, _ path: RawSpan, _ watcher: UInt32, to watched: WatchedPaths) {
        let path = Path.stored(path)
        if !watches.contains(modes, at: path, connection: watcher) { watched.add(modes, at: path) }
    }
}
