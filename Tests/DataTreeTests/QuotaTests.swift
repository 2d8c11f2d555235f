import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// What is below a path is counted while there is a quota for it, and refused beyond its hard limits.
struct QuotaTests {
    private static func fixture(enforced: Bool = true) -> TreeFixture {
        var rules = TreeFixture.extendedRules
        rules.enforcesQuotas = enforced
        return TreeFixture(rules: rules)
    }

    @Test func statisticsAreThoseOfTheSubtreeFromTheMomentOnAtWhichTheirNodeIsMade() throws {
        let fixture = Self.fixture(enforced: false)
        try fixture.create("/a", [1, 2])
        try fixture.create("/a/b", [3])
        try fixture.setQuota("/a", "count=-1,bytes=-1")
        #expect(try fixture.statistics("/a") == "count=2,bytes=3")
        try fixture.create("/a/b/c", nil)
        try fixture.setData("/a/b", [1, 2, 3, 4])
        try fixture.create("/ab", [1])
        #expect(try fixture.statistics("/a") == "count=3,bytes=6")
        try fixture.delete("/a/b/c")
        try fixture.setData("/a", nil)
        #expect(try fixture.statistics("/a") == "count=2,bytes=4")
        try fixture.delete("/a/b")
        try fixture.delete("/a")
        #expect(try fixture.statistics("/a") == "count=0,bytes=0")
        try fixture.create("/a", flags: 1, session: 5)
        #expect(try fixture.statistics("/a") == "count=1,bytes=0")
        try fixture.closeSession(5)
        #expect(try fixture.statistics("/a") == "count=0,bytes=0")
    }

    @Test func statisticsFireNoWatchAndMoveNoVersion() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", "count=10,bytes=-1")
        let path = Array("/zookeeper/quota/a/zookeeper_stats".utf8)
        let before = try fixture.stat("/zookeeper/quota/a/zookeeper_stats")
        var reply: [UInt8] = []
        try fixture.tree.getData(path.span.bytes, Reader(identities: [], watcher: 1), into: &reply)
        #expect(try fixture.create("/a/b", [1]).events.isEmpty)
        var after = try fixture.stat("/zookeeper/quota/a/zookeeper_stats")
        #expect(after.dataByteCount == 15 && before.dataByteCount == 15)
        after.dataByteCount = before.dataByteCount
        #expect(after == before)
        #expect(try fixture.setData("/zookeeper/quota/a/zookeeper_stats", [1]).events.count == 1)
    }

    @Test(arguments: [
        "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3", "countHardLimit=3", "countHardLimit=3,count=",
        "count=1,bytes=-1=;countHardLimit=3", "byteHardLimit=6", "count=-1,bytes=-1=;byteHardLimit=6",
    ])
    func aHardLimitIsTheLastThatIsLetThrough(limits: String) throws {
        let fixture = Self.fixture()
        try fixture.create("/a", [1, 2])
        try fixture.create("/a/b", [1, 2])
        try fixture.setQuota("/a", limits)
        #expect(try fixture.create("/a/b/c", [1, 2]).error == .ok)
        #expect(try fixture.create("/a/b/d", [1]).error == .quotaExceeded)
        #expect(try fixture.create("/b", [1]).error == .ok)
        #expect(try fixture.delete("/a/b/c").error == .ok)
        #expect(try fixture.create("/a/d", [1]).error == .ok)
    }

    @Test func nothingIsRefusedUnlessQuotasAreEnforced() throws {
        let fixture = Self.fixture(enforced: false)
        try fixture.create("/a")
        try fixture.setQuota("/a", "countHardLimit=1,byteHardLimit=1")
        #expect(try fixture.create("/a/b", [1, 2, 3]).error == .ok)
        #expect(fixture.tree.quotaExcessCount == 0)
        #expect(try fixture.statistics("/a") == "count=2,bytes=3")
    }

    @Test func aSoftLimitIsOnlyTold() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", "count=1,bytes=2")
        #expect(try fixture.create("/a/b", [1]).error == .ok)
        #expect(
            fixture.tree.lastQuotaExcess
                == QuotaExcess(
                    path: Array("/a".utf8), kind: .nodes, isHard: false, amount: 2, limit: 1))
        #expect(try fixture.setData("/a", [1, 2]).error == .ok)
        #expect(
            fixture.tree.lastQuotaExcess
                == QuotaExcess(
                    path: Array("/a".utf8), kind: .bytes, isHard: false, amount: 3, limit: 2))
        #expect(fixture.tree.quotaExcessCount == 2)
    }

    @Test func dataBeyondTheLimitIsRefusedBeforeItsVersionIsLookedAt() throws {
        let fixture = Self.fixture()
        try fixture.create("/a", [1, 2])
        try fixture.setQuota("/a", "byteHardLimit=3")
        #expect(try fixture.setData("/a", [1, 2, 3, 4], version: 9).error == .quotaExceeded)
        #expect(try fixture.setData("/a", [1, 2, 3], version: 9).error == .badVersion)
        #expect(try fixture.setData("/a", [1, 2, 3]).error == .ok)
        try fixture.setData("/zookeeper/quota/a/zookeeper_limits", Array("byteHardLimit=1".utf8))
        // As in ZooKeeper even less data is refused while it is still too much.
        #expect(try fixture.setData("/a", [1, 2]).error == .quotaExceeded)
        #expect(try fixture.setData("/a", [3, 2, 1]).error == .ok)
        #expect(try fixture.setData("/a", [1]).error == .ok)
    }

    @Test func theItemsOfOneMultiAndRequestsInFlightCountTogether() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", "countHardLimit=3")
        let three = ["/a/x", "/a/y", "/a/z"].map { (OperationCode.create, Body.create($0)) }
        let refused = try fixture.submit(.multi, Body.multi(three))
        #expect(try MultiTests.results(refused.reply) == ["error 0", "error 0", "error -125"])
        // What failed left nothing behind.
        let first = try fixture.prepare(.create, Body.create("/a/x"))
        let second = try fixture.prepare(.create, Body.create("/a/y"))
        let third = try fixture.prepare(.create, Body.create("/a/z"))
        #expect([first.error, second.error, third.error] == [.ok, .ok, .quotaExceeded])
        for made in [first, second, third] { _ = try fixture.apply(made.record) }
        #expect(try fixture.statistics("/a") == "count=3,bytes=0")
        // Room that an item makes can be used by the next.
        let swap = try fixture.submit(
            .multi, Body.multi([(.delete, Body.pathNumber("/a/x")), (.create, Body.create("/a/z"))]))
        #expect(try MultiTests.results(swap.reply) == ["type 2", "create /a/z"])
        #expect(try fixture.statistics("/a") == "count=3,bytes=0")
    }

    @Test func statisticsGoOnFromWhatAClientWroteThere() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", "countHardLimit=20")
        try fixture.setData("/zookeeper/quota/a/zookeeper_stats", Array("count=10,bytes=20".utf8))
        try fixture.create("/a/b", [1])
        #expect(try fixture.statistics("/a") == "count=11,bytes=21")
        // Text without numbers gives way to what there is.
        try fixture.setData("/zookeeper/quota/a/zookeeper_stats", Array("many".utf8))
        #expect(try fixture.create("/a/c", [1]).error == .ok)
        #expect(try fixture.statistics("/a") == "count=3,bytes=2")
    }

    @Test func theLongestPathDecidesAndItsStatisticsMove() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.create("/a/b")
        try fixture.setQuota("/a", "countHardLimit=2")
        try fixture.setQuota("/a/b", "countHardLimit=5")
        #expect(try fixture.create("/a/b/c").error == .ok)
        #expect(try fixture.create("/a/c").error == .quotaExceeded)
        #expect(try fixture.statistics("/a") == "count=2,bytes=0")
        #expect(try fixture.statistics("/a/b") == "count=2,bytes=0")
        try fixture.delete("/zookeeper/quota/a/b/zookeeper_limits")
        #expect(fixture.tree.quotaCount == 1)
        #expect(try fixture.create("/a/b/d").error == .quotaExceeded)
    }

    @Test func withoutItsNodesThereIsNoQuota() throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", "countHardLimit=1")
        try fixture.delete("/zookeeper/quota/a/zookeeper_stats")
        #expect(try fixture.create("/a/b").error == .ok)
        try fixture.create("/zookeeper/quota/a/zookeeper_stats")
        #expect(try fixture.statistics("/a") == "count=2,bytes=0")
        #expect(try fixture.create("/a/c").error == .quotaExceeded)
        try fixture.delete("/zookeeper/quota/a/zookeeper_limits")
        #expect(try fixture.create("/a/c").error == .ok)
        #expect(try fixture.statistics("/a") == "count=2,bytes=0")
    }

    @Test(arguments: ["count", "count=x", "=", "count=1,bytes=9999999999999999999", ""])
    func limitsThatSayNothingLimitNothing(text: String) throws {
        let fixture = Self.fixture()
        try fixture.create("/a")
        try fixture.setQuota("/a", text)
        #expect(try fixture.create("/a/b").error == .ok)
        #expect(fixture.tree.quotaExcessCount == 0)
    }

    @Test func aPathOfSixtyFourComponentsMayHaveAQuotaAndADeeperOneNot() throws {
        for (depth, error) in [(64, ErrorCode.quotaExceeded), (65, .ok)] {
            let fixture = Self.fixture()
            let path = String(repeating: "/d", count: depth)
            try fixture.createMissing(path)
            try fixture.setQuota(path, "countHardLimit=1")
            #expect(fixture.tree.quotaCount == (error == .ok ? 0 : 1))
            #expect(try fixture.create(path + "/d").error == error)
        }
    }

    @Test func theRootAndOtherPlacesHaveNoQuota() throws {
        let fixture = Self.fixture()
        try fixture.create("/zookeeper/quota/zookeeper_limits", Array("countHardLimit=0".utf8))
        try fixture.create("/zookeeper/quota/zookeeper_stats")
        try fixture.create("/zookeeper/quotas")
        try fixture.create("/zookeeper/quotas/a")
        try fixture.create("/zookeeper/quotas/a/zookeeper_limits", Array("countHardLimit=0".utf8))
        #expect(fixture.tree.quotaCount == 0)
        #expect(try fixture.create("/a").error == .ok)
    }

    @Test func statisticsAreRightAfterAnyWritesAndAfterLoading() throws {
        for seed in Effort.seeds(quick: 50, normal: 300, long: 20_000) {
            let fixture = Self.fixture(enforced: seed % 2 == 0)
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            var quotas: [String] = []
            for step in 0..<150 {
                if step % 40 == 5 {
                    let path = writes.path(depth: 1)
                    if !quotas.contains(path) {
                        quotas.append(path)
                        try fixture.setQuota(path, "countHardLimit=\(4 + writes.random.below(9))")
                    }
                }
                try fixture.submitRandom(&writes)
            }
            try Self.compare(fixture, quotas, "AVIARY_SEED=\(seed)")
            let loaded = Self.fixture()
            loaded.nextZxid = fixture.nextZxid
            try loaded.tree.loadImageSlice(fixture.image().span.bytes)
            try loaded.tree.finishLoading(at: fixture.tree.lastAppliedZxid)
            #expect(loaded.tree.quotaCount == quotas.count, "AVIARY_SEED=\(seed)")
            for _ in 0..<30 { try loaded.submitRandom(&writes) }
            try Self.compare(loaded, quotas, "AVIARY_SEED=\(seed)")
        }
    }

    private static func compare(_ fixture: TreeFixture, _ quotas: [String], _ seed: Comment) throws {
        let whole = try WholeTree(&fixture.tree)
        for quota in quotas {
            let below = whole.nodes.filter { $0.key == quota || $0.key.hasPrefix(quota + "/") }
            let byteCount = below.values.reduce(0) { sum, node in
                // A reply: the length, the data, the stat.
                sum + max(0, node.data.count - 4 - Stat.byteCount)
            }
            #expect(
                try fixture.statistics(quota) == "count=\(below.count),bytes=\(byteCount)",
                Comment(rawValue: "\(seed.rawValue), \(quota)"))
        }
    }
}

extension TreeFixture {
    /// Makes a quota's nodes as zkCli's setquota does.
    func setQuota(_ path: String, _ limits: String) throws {
        try createMissing("/zookeeper/quota" + path)
        try createMissing("/zookeeper/quota" + path + "/zookeeper_limits")
        try setData("/zookeeper/quota" + path + "/zookeeper_limits", Array(limits.utf8))
        try createMissing("/zookeeper/quota" + path + "/zookeeper_stats")
    }

    /// Makes a node and those above it that do not exist.
    func createMissing(_ path: String) throws {
        var end = path.startIndex
        while end != path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            if !exists(String(path[..<end])) { try create(String(path[..<end])) }
        }
    }

    func statistics(_ path: String) throws -> String {
        String(decoding: try data("/zookeeper/quota" + path + "/zookeeper_stats") ?? [], as: UTF8.self)
    }
}
