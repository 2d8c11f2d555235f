import DataTree
import Identifiers
import Jute
import Testing

/// Many watches.
struct WatchScaleTests {
    private static func path(_ number: Int) -> [UInt8] {
        Array("/services/group-\(number % 100)/member-\(number)".utf8)
    }

    /// What a watch takes beyond its path's own bytes.
    private static func byteCountPerWatch(paths: Int, watchersOfEach: Int) -> Int {
        let fixture = TreeFixture()
        let empty = fixture.tree.watchReservedByteCount
        var pathByteCount = 0
        for number in 0..<paths {
            let path = path(number)
            pathByteCount += path.count
            for watcher in 0..<watchersOfEach {
                fixture.tree.addWatch(
                    path.span.bytes, mode: .persistent, watcher: UInt32((number + watcher * 977) % 5000))
            }
        }
        #expect(fixture.tree.watchCount == paths * watchersOfEach && fixture.tree.watchedPathCount == paths)
        return (fixture.tree.watchReservedByteCount - empty - pathByteCount) / (paths * watchersOfEach)
    }

    @Test func aWatchTakesAtMostAHundredBytesBeyondItsPath() {
        let million = Self.byteCountPerWatch(paths: 100_000, watchersOfEach: 10)
        let alone = Self.byteCountPerWatch(paths: 300_000, watchersOfEach: 1)
        print("bytes a watch: \(million) of a million on 100000 paths, \(alone) of 300000 on as many paths")
        #expect(million <= 100 && alone <= 100)
    }

    @Test func memoryOfWatchesThatAreGoneIsUsedAgain() {
        let fixture = TreeFixture()
        for round in 0..<3 {
            for number in 0..<20_000 {
                fixture.tree.addWatch(
                    Self.path(number).span.bytes, mode: .persistentRecursive, watcher: UInt32(round))
            }
            let full = fixture.tree.watchReservedByteCount
            while !fixture.tree.removeWatcher(UInt32(round), countMax: 3000) {}
            #expect(fixture.tree.watchCount == 0 && fixture.tree.watchKindCount == 0)
            #expect(fixture.tree.watchReservedByteCount == full && full < 4 << 20)
        }
    }

    @Test func pathsAreCountedForEachConnection() throws {
        let fixture = TreeFixture()
        #expect(fixture.tree.watchCount(of: 7) == 0 && fixture.tree.removeWatcher(7))
        for watcher: UInt32 in [7, 2] {
            for number in 0..<10 {
                fixture.tree.addWatch(Self.path(number).span.bytes, mode: .persistent, watcher: watcher)
            }
        }
        // Another way of watching the same path is no further one.
        fixture.tree.addWatch(Self.path(0).span.bytes, mode: .persistentRecursive, watcher: 7)
        try fixture.tree.removeWatches(Self.path(3).span.bytes, kind: 3, watcher: 7)
        #expect([2, 5, 7, 8].map { fixture.tree.watchCount(of: $0) } == [10, 0, 9, 0])
        #expect(fixture.tree.watcherCount == 2)
        #expect(!fixture.tree.removeWatcher(2, countMax: 9) && fixture.tree.watchCount(of: 2) == 1)
        #expect(fixture.tree.removeWatcher(2) && fixture.tree.watchCount(of: 2) == 0)
        #expect(fixture.tree.watcherCount == 1)
    }

    @Test func watchesAreCountedAsZooKeeperDoes() throws {
        let fixture = TreeFixture()
        let root = Array("/".utf8)
        var reply: [UInt8] = []
        let reader = Reader(identities: [], watcher: 1)
        try fixture.tree.getChildren(root.span.bytes, withStat: false, reader, into: &reply)
        #expect(fixture.tree.watchKindCount == 1)
        try fixture.tree.getData(root.span.bytes, reader, into: &reply)
        #expect(fixture.tree.watchKindCount == 2 && fixture.tree.watchCount == 1)
        fixture.tree.addWatch(root.span.bytes, mode: .persistent, watcher: 1)
        fixture.tree.addWatch(root.span.bytes, mode: .persistentRecursive, watcher: 2)
        #expect(fixture.tree.watchKindCount == 3)
        try fixture.tree.removeWatches(root.span.bytes, kind: 4, watcher: 1)
        #expect(fixture.tree.watchKindCount == 3)
        try fixture.tree.removeWatches(root.span.bytes, kind: 1, watcher: 1)
        #expect(fixture.tree.watchKindCount == 2)
    }

    @Test func aChangeIsToldOnceToEachHoweverManyWatchesSeeIt() throws {
        for count in [1, 5, 40] {
            let fixture = TreeFixture()
            try fixture.create("/a")
            try fixture.create("/a/b")
            for watcher in 0..<UInt32(count) {
                for path in ["/", "/a", "/a/b"] {
                    let path = Array(path.utf8)
                    fixture.tree.addWatch(path.span.bytes, mode: .persistentRecursive, watcher: watcher)
                    fixture.tree.addWatch(path.span.bytes, mode: .persistent, watcher: watcher)
                }
            }
            let events = try fixture.setData("/a/b", [1]).events
            #expect(events.map(\.watchers) == [Array(0..<UInt32(count))])
        }
    }
}
