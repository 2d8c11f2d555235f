import DataTree
import Identifiers
import Jute
import Testing

/// What the tree counts for those who look after the server.
struct CountingTests {
    private static func amounts(
        _ counts: NamespaceCounts, _ name: String
    ) -> (count: UInt64, sum: UInt64, least: UInt64, greatest: UInt64)? {
        counts.all.first { $0.name == name }.map {
            ($0.amounts.count, $0.amounts.sum, $0.amounts.least, $0.amounts.greatest)
        }
    }

    @Test func writesCountPathAndDataBelowTheirFirstName() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1, 2, 3])
        try fixture.create("/a/b", [1])
        try fixture.setData("/a/b", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        try fixture.delete("/a/b")
        try fixture.create("/ab", [1])
        let a = try #require(Self.amounts(fixture.tree.counts.writes, "a"))
        #expect(a == (count: 4, sum: 5 + 5 + 14 + 4, least: 4, greatest: 14))
        let ab = try #require(Self.amounts(fixture.tree.counts.writes, "ab"))
        #expect(ab == (count: 1, sum: 4, least: 4, greatest: 4))
    }

    @Test func whatIsRefusedWritesNothing() throws {
        let fixture = TreeFixture()
        #expect(try fixture.create("/no/parent").error == .noNode)
        #expect(try fixture.delete("/no").error == .noNode)
        #expect(fixture.tree.counts.writes.all.isEmpty)
    }

    @Test func readsCountPathStatAndWhatIsRead() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1, 2, 3])
        try fixture.create("/a/child")
        _ = try fixture.data("/a")
        _ = try fixture.stat("/a")
        _ = try fixture.children("/a")
        let a = try #require(Self.amounts(fixture.tree.counts.reads, "a"))
        #expect(a == (count: 3, sum: 3 * (2 + 68) + 3 + 5, least: 70, greatest: 75))
    }

    @Test func whatIsNotThereIsNotReadAndTheRootIsInNoNamespace() throws {
        let fixture = TreeFixture()
        #expect(!fixture.exists("/a"))
        _ = try fixture.stat("/")
        _ = try fixture.children("/")
        #expect(fixture.tree.counts.reads.all.isEmpty)
    }

    @Test func namespacesAreBoundedAndTheRestIsCountedTogether() throws {
        let fixture = TreeFixture()
        for number in 0..<NamespaceCounts.countMax + 20 { try fixture.create("/n\(number)") }
        try fixture.create("/n0/again")
        let all = fixture.tree.counts.writes.all
        #expect(all.count == NamespaceCounts.countMax + 1)
        #expect(all.first?.name == "n0" && all.first?.amounts.count == 2)
        #expect(all.last?.name == NamespaceCounts.others && all.last?.amounts.count == 20)
    }

    @Test func aNameThatIsTooLongIsCountedWithTheRest() throws {
        let fixture = TreeFixture()
        let longest = String(repeating: "n", count: NamespaceCounts.nameByteCountMax)
        try fixture.create("/" + longest)
        try fixture.create("/" + longest + "n")
        #expect(fixture.tree.counts.writes.all.map(\.name) == [longest, NamespaceCounts.others])
    }

    @Test func nodesWithATimeToLiveAreCountedWhenTheyComeAndGo() throws {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        try fixture.submit(.createTTL, Body.create("/t", flags: 5, ttl: 1000))
        try fixture.create("/p")
        #expect(fixture.tree.counts.timedNodesCreated == 1)
        try fixture.delete("/p")
        #expect(fixture.tree.counts.timedNodesDeleted == 0)
        try fixture.delete("/t")
        #expect(fixture.tree.counts.timedNodesDeleted == 1)
    }

    @Test func aHardLimitsRefusalIsCountedAndASoftOnesExcessIsNot() throws {
        var rules = TreeRules()
        rules.enforcesQuotas = true
        let fixture = TreeFixture(rules: rules)
        for (name, limits) in [("hard", "countHardLimit=1"), ("soft", "count=1,bytes=-1")] {
            try fixture.create("/" + name)
            try fixture.setQuota("/" + name, limits)
            try fixture.create("/\(name)/x")
            try fixture.create("/\(name)/y")
        }
        #expect(fixture.tree.counts.quotaRefusals.all.map(\.name) == ["hard"])
        #expect(Self.amounts(fixture.tree.counts.quotaRefusals, "hard")?.sum == 2)
    }

    @Test func quotasBelowOneNameAreAddedUp() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1, 2])
        try fixture.create("/a/b", [3])
        try fixture.setQuota("/a/b", "count=4,bytes=-1=;byteHardLimit=100;countHardLimit=10")
        try fixture.create("/a/c")
        try fixture.setQuota("/a/c", "count=7,bytes=-1")
        let all = fixture.tree.quotaFigures
        #expect(all.map(\.name) == ["a"])
        var figures = QuotaFigures()
        figures.countLimit = 17
        figures.byteCountLimit = 99
        figures.count = 2
        figures.byteCount = 1
        #expect(all.first?.figures == figures)
    }

    @Test func manyNamespacesWithQuotasAreBoundedToo() throws {
        let fixture = TreeFixture()
        for number in 0..<NamespaceCounts.countMax + 5 {
            let name = "/n\(1000 + number)"
            try fixture.create(name)
            try fixture.setQuota(name, "count=2,bytes=-1")
        }
        let all = fixture.tree.quotaFigures
        #expect(all.count == NamespaceCounts.countMax + 1)
        #expect(all.first?.name == "n1000" && all.last?.name == NamespaceCounts.others)
        #expect(all.last?.figures.countLimit == 10)
    }

    @Test func countsBeginAgainWhenTheyAreReset() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        fixture.tree.resetCounts()
        #expect(fixture.tree.counts.writes.all.isEmpty)
    }
}
