import DataTree
import Identifiers
import Jute
import Simulation
import Testing

struct WatchTests {
    private static func bytes(_ path: String) -> [UInt8] { Array(path.utf8) }

    private static func watch(_ fixture: TreeFixture, _ path: String, as watcher: UInt32) {
        var reply: [UInt8] = []
        let path = bytes(path)
        // A missing node is watched as well.
        do throws(ErrorCode) {
            try fixture.tree.exists(path.span.bytes, Reader(identities: [], watcher: watcher), into: &reply)
        } catch { #expect(error == .noNode) }
    }

    private static func watchChildren(_ fixture: TreeFixture, _ path: String, as watcher: UInt32) throws {
        var reply: [UInt8] = []
        let path = bytes(path)
        try fixture.tree.getChildren(
            path.span.bytes, withStat: true, Reader(identities: [], watcher: watcher), into: &reply)
    }

    private static func told(_ events: [WatchEvent]) -> [String] {
        events.map { "\($0.type) \(String(decoding: $0.path, as: UTF8.self)) \($0.watchers)" }
    }

    /// Each of ZooKeeper's two tables counts for itself.
    @Test func watchesCountOncePerKindAndAreListedByPathAndByWatcher() throws {
        let fixture = TreeFixture()
        Self.watch(fixture, "/a", as: 1)
        Self.watch(fixture, "/", as: 1)
        try Self.watchChildren(fixture, "/", as: 1)
        let path = Self.bytes("/p")
        fixture.tree.addWatch(path.span.bytes, mode: .persistentRecursive, watcher: 2)
        Self.watch(fixture, "/p", as: 2)
        #expect(fixture.tree.watchCount == 3)
        #expect(fixture.tree.watchKindCount == 4)
        var byPath: [String: [UInt32]] = [:]
        fixture.tree.forEachWatchedPath { path, watchers in
            byPath[String(decoding: path, as: UTF8.self)] = watchers
            return true
        }
        #expect(byPath == ["/a": [1], "/": [1], "/p": [2]])
        var watchers: [UInt32] = []
        fixture.tree.forEachWatch { watcher, _ in
            watchers.append(watcher)
            return watchers.count < 3
        }
        #expect(watchers == [1, 1, 2] || watchers == [2, 1, 1])
        _ = try fixture.create("/a")
        #expect(fixture.tree.watchKindCount == 2)
        #expect(fixture.tree.removeWatcher(1) && fixture.tree.removeWatcher(2))
        #expect(fixture.tree.watchKindCount == 0)
    }

    @Test func aWatchFiresOnceForAllInTheOrderInWhichTheyCame() throws {
        let fixture = TreeFixture()
        for watcher: UInt32 in [5, 3, 9, 3] { Self.watch(fixture, "/a", as: watcher) }
        #expect(fixture.tree.watchCount == 3 && fixture.tree.watchedPathCount == 1)
        let outcome = try fixture.create("/a")
        #expect(Self.told(outcome.events) == ["nodeCreated /a [5, 3, 9]"])
        #expect(outcome.events.first?.zxid == outcome.applied.header.zxid.rawValue)
        #expect(try fixture.setData("/a", [1]).events.isEmpty)
        #expect(fixture.tree.watchCount == 0 && fixture.tree.watcherCount == 0)
    }

    @Test func aDeletionIsToldOnceThenTheParent() throws {
        let fixture = TreeFixture()
        try fixture.create("/p")
        try fixture.create("/p/x")
        Self.watch(fixture, "/p/x", as: 1)
        try Self.watchChildren(fixture, "/p/x", as: 1)
        try Self.watchChildren(fixture, "/p/x", as: 2)
        try Self.watchChildren(fixture, "/p", as: 1)
        let events = try fixture.delete("/p/x").events
        #expect(Self.told(events) == ["nodeDeleted /p/x [1, 2]", "nodeChildrenChanged /p [1]"])
    }

    @Test func setACLAndDataTellNobodyOfChildren() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        try Self.watchChildren(fixture, "/a", as: 1)
        try Self.watchChildren(fixture, "/", as: 1)
        #expect(try fixture.setData("/a", [1]).events.isEmpty)
        #expect(try fixture.submit(.setACL, Body.setACL("/a", [.open])).events.isEmpty)
        #expect(fixture.tree.watchCount == 2)
    }

    @Test func aMultiTellsInTheOrderOfItsOperations() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        for path in ["/a", "/b"] { Self.watch(fixture, path, as: 1) }
        try Self.watchChildren(fixture, "/", as: 1)
        let outcome = try fixture.submit(
            .multi, Body.multi([(.create, Body.create("/b")), (.setData, Body.setData("/a", [1]))]))
        #expect(
            Self.told(outcome.events) == [
                "nodeCreated /b [1]", "nodeChildrenChanged / [1]", "nodeDataChanged /a [1]",
            ])
    }

    @Test func aPersistentWatchStaysAndARecursiveOneSeesBelow() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        let path = Self.bytes("/a")
        fixture.tree.addWatch(path.span.bytes, mode: .persistent, watcher: 1)
        fixture.tree.addWatch(path.span.bytes, mode: .persistentRecursive, watcher: 2)
        for _ in 0..<2 {
            #expect(
                Self.told(try fixture.create("/a/x").events) == [
                    "nodeCreated /a/x [2]", "nodeChildrenChanged /a [1]",
                ])
            #expect(Self.told(try fixture.setData("/a", []).events) == ["nodeDataChanged /a [1, 2]"])
            try fixture.delete("/a/x")
        }
    }

    @Test func whoMayNotReadIsNotTold() throws {
        let fixture = TreeFixture()
        let joe = Identity(scheme: "digest", id: "joe:x")
        Self.watch(fixture, "/a", as: 1)
        let event = try #require(try fixture.create("/a", acl: [AccessEntry(.all, joe)]).events.first)
        let mayAnyone = fixture.tree.mayReceive(event, identities: [])
        let mayJoe = fixture.tree.mayReceive(event, identities: [joe])
        #expect(!mayAnyone && mayJoe)
    }

    @Test func aConnectionThatGoesTakesItsWatchesWithIt() throws {
        let fixture = TreeFixture()
        for index in 0..<300 {
            Self.watch(fixture, "/n\(index % 100)", as: UInt32(index % 7))
            try Self.watchChildren(fixture, "/", as: UInt32(index % 7))
        }
        let before = fixture.tree.watchCount
        // Of 300 numbers 43 leave 4, each another node; and there is the root.
        let wasAll = fixture.tree.removeWatcher(4, countMax: 43)
        #expect(!wasAll && fixture.tree.watchCount == before - 43)
        let isAll = fixture.tree.removeWatcher(4)
        #expect(isAll)
        #expect(fixture.tree.watchCount == before - 44)
        #expect(try fixture.create("/n4").events.allSatisfy { !$0.watchers.contains(4) })
        for watcher: UInt32 in 0..<7 { _ = fixture.tree.removeWatcher(watcher) }
        #expect(fixture.tree.watchCount == 0 && fixture.tree.watchedPathCount == 0)
    }

    @Test func removingAWatchLeavesTheOtherKinds() throws {
        let fixture = TreeFixture()
        let root = Self.bytes("/")
        Self.watch(fixture, "/", as: 1)
        try Self.watchChildren(fixture, "/", as: 1)
        #expect(throws: ErrorCode.noWatcher) {
            try fixture.tree.removeWatches(root.span.bytes, kind: 4, watcher: 1)
        }
        try fixture.tree.removeWatches(root.span.bytes, kind: 2, watcher: 1)
        #expect(throws: ErrorCode.noWatcher) {
            try fixture.tree.checkWatches(root.span.bytes, kind: 2, watcher: 1)
        }
        try fixture.tree.checkWatches(root.span.bytes, kind: 1, watcher: 1)
        #expect(Self.told(try fixture.create("/a").events) == ["nodeChildrenChanged / [1]"])
    }

    @Test func watchesAreCaughtUpInTheOrderOfTheLists() throws {
        let fixture = TreeFixture()
        try fixture.create("/old")
        let seen = fixture.tree.lastAppliedZxid.rawValue
        try fixture.create("/new")
        try fixture.create("/old/x")
        try fixture.delete("/old/x")
        var body: [UInt8] = []
        SetWatchesRequest.encode(
            relativeZxid: seen, data: ["/old", "/new", "/none"], exist: ["/none", "/old"],
            child: ["/new", "/old", "/none"], into: &body)
        var told: [String] = []
        var reader = JuteReader(body.span.bytes)
        fixture.tree.setWatches(try SetWatchesRequest(.setWatches, from: &reader), watcher: 1) { type, path in
            told.append("\(type) \(path.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })")
        }
        #expect(
            told == [
                "nodeDataChanged /new", "nodeDeleted /none", "nodeCreated /old", "nodeChildrenChanged /new",
                "nodeChildrenChanged /old", "nodeDeleted /none",
            ])
        // What had not changed is watched again: /old's data, and whether /none exists.
        #expect(fixture.tree.watchCount == 2)
        #expect(Self.told(try fixture.create("/none").events) == ["nodeCreated /none [1]"])
        #expect(Self.told(try fixture.setData("/old", []).events) == ["nodeDataChanged /old [1]"])
    }

    @Test func theTableIsWhatASimpleOneWouldBe() throws {
        for seed in Effort.seeds(quick: 20, normal: 100, long: 5000) {
            var random = SeededRandom(seed: seed)
            let fixture = TreeFixture()
            var model: [String: [UInt32]] = [:]
            for _ in 0..<400 {
                let path = "/n\(random.below(8))"
                let watcher = UInt32(random.below(6))
                switch random.below(4) {
                case 0...1:
                    Self.watch(fixture, path, as: watcher)
                    if model[path]?.contains(watcher) != true { model[path, default: []].append(watcher) }
                case 2:
                    _ = fixture.tree.removeWatcher(watcher)
                    for path in model.keys { model[path]?.removeAll { $0 == watcher } }
                default:
                    let outcome = try fixture.exists(path) ? fixture.delete(path) : fixture.create(path)
                    #expect(outcome.events.flatMap(\.watchers) == model.removeValue(forKey: path) ?? [])
                }
                #expect(fixture.tree.watchCount == model.values.reduce(0) { $0 + $1.count })
            }
        }
    }
}
