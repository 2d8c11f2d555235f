import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// What is found in records is what a watch would have told.
struct MissedEventsTests {
    private static func bytes(_ path: String) -> [UInt8] { Array(path.utf8) }

    /// The watches of a client that comes back, as its request names them.
    private static func request(persistent: [String], recursive: [String]) -> [UInt8] {
        var body: [UInt8] = []
        SetWatchesRequest.encode(
            relativeZxid: 0, data: [], exist: [], child: [], persistent: persistent,
            persistentRecursive: recursive, into: &body)
        return body
    }

    private static func missed(
        _ fixture: TreeFixture, persistent: [String] = [], recursive: [String] = [],
        in records: ArraySlice<[UInt8]>, countMax: Int = 100_000, watcher: UInt32 = 99
    ) throws -> MissedEvents {
        let body = request(persistent: persistent, recursive: recursive)
        var reader = JuteReader(body.span.bytes)
        let watched = fixture.tree.newPersistentWatches(
            of: try SetWatchesRequest(.setWatches2, from: &reader), watcher: watcher)
        var missed = MissedEvents(watched, countMax: countMax)
        var changes = fixture.tree.makeRecordChanges()
        for record in records {
            try changes.read(record.span.bytes)
            missed.add(changes)
        }
        return missed
    }

    private static func told(
        _ fixture: TreeFixture, _ missed: MissedEvents, _ identities: [Identity] = [],
        completeAfter: Zxid = .zero
    ) -> (told: [String], withheld: Int) {
        var told: [String] = []
        let withheld = fixture.tree.deliver(missed, to: identities, completeAfter: completeAfter) {
            type, path, zxid in
            told.append("\(type) \(path.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }) \(zxid)")
        }
        return (told, withheld)
    }

    private static func told(_ events: [WatchEvent], to watcher: UInt32) -> [String] {
        events.filter { $0.watchers.contains(watcher) }.map {
            "\($0.type) \(String(decoding: $0.path, as: UTF8.self)) \($0.zxid)"
        }
    }

    @Test func theyAreThoseOfATwinThatNeverWasAway() throws {
        for seed in Effort.seeds(quick: 30, normal: 200, long: 10_000) {
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            let fixture = TreeFixture(rules: TreeFixture.extendedRules)
            let all = ["/", "/n0", "/n1", "/n1/n2", "/n0/n0", "/n3/n1/n2", "/n2/n2"]
            let persistent = all.filter { _ in writes.random.below(3) == 0 }
            let recursive = all.filter { _ in writes.random.below(4) == 0 }
            for path in persistent {
                fixture.tree.addWatch(Self.bytes(path).span.bytes, mode: .persistent, watcher: 1)
            }
            for path in recursive {
                fixture.tree.addWatch(Self.bytes(path).span.bytes, mode: .persistentRecursive, watcher: 1)
            }
            let leaving = writes.random.below(150)
            var expected: [String] = []
            for number in 0..<150 {
                let request = writes.request()
                let outcome = try fixture.submit(request.operation, request.body, session: request.session)
                if number >= leaving { expected += Self.told(outcome.events, to: 1) }
            }
            let missed = try Self.missed(
                fixture, persistent: persistent, recursive: recursive, in: fixture.records[leaving...])
            #expect(missed.shortfall == nil)
            let found = Self.told(fixture, missed)
            #expect(found.told == expected && found.withheld == 0, "seed \(seed)")
        }
    }

    @Test func watchesThatTheConnectionHasAlreadyAreServedLive() throws {
        let fixture = TreeFixture()
        fixture.tree.addWatch(Self.bytes("/a").span.bytes, mode: .persistent, watcher: 99)
        try fixture.create("/a")
        #expect(try Self.missed(fixture, persistent: ["/a"], in: fixture.records[...]).count == 0)
        #expect(try Self.missed(fixture, recursive: ["/a"], in: fixture.records[...]).count == 1)
    }

    @Test func moreThanTheLimitIsNothing() throws {
        let fixture = TreeFixture()
        for number in 0..<11 { try fixture.create("/n\(number)") }
        let ten = try Self.missed(fixture, recursive: ["/"], in: fixture.records[1...], countMax: 10)
        #expect(ten.shortfall == nil && ten.count == 10)
        let eleven = try Self.missed(fixture, recursive: ["/"], in: fixture.records[...], countMax: 10)
        #expect(eleven.shortfall == .tooMany)
    }

    @Test func aCreationIsToldByTheListThatItGaveTheNode() throws {
        let fixture = TreeFixture()
        let joe = Identity(scheme: "digest", id: "joe:x")
        try fixture.create("/a", acl: [AccessEntry(.all, joe)], identities: [joe])
        try fixture.submit(.setACL, Body.setACL("/a", [.open]), identities: [joe])
        try fixture.setData("/a", [1])
        let missed = try Self.missed(fixture, recursive: ["/"], in: fixture.records[...])
        #expect(Self.told(fixture, missed).told == ["nodeDataChanged /a 3"])
        #expect(Self.told(fixture, missed, [joe]).told == ["nodeCreated /a 1", "nodeDataChanged /a 3"])
    }

    @Test func aNodeThatIsThereIsToldByItsPresentList() throws {
        let fixture = TreeFixture()
        let joe = Identity(scheme: "digest", id: "joe:x")
        try fixture.create("/a", acl: [AccessEntry(.all, joe)], identities: [joe])
        try fixture.submit(.setData, Body.setData("/a", [1]), identities: [joe])
        let missed = try Self.missed(fixture, recursive: ["/"], in: fixture.records[1...])
        #expect(Self.told(fixture, missed) == ([], 1))
        #expect(Self.told(fixture, missed, [joe]).told == ["nodeDataChanged /a 2"])
    }

    @Test func ofAGoneNodeWithAListThatNobodyKnowsThoseWhoListTheParentAreTold() throws {
        let fixture = TreeFixture()
        let joe = Identity(scheme: "digest", id: "joe:x")
        let closed = [AccessEntry(.all, joe)]
        try fixture.create("/open", identities: [joe])
        try fixture.create("/open/a", acl: closed, identities: [joe])
        try fixture.create("/closed", acl: closed, identities: [joe])
        try fixture.create("/closed/b", identities: [joe])
        try fixture.create("/closed/c", identities: [joe])
        try fixture.create("/closed/c/d", identities: [joe])
        for path in ["/open/a", "/closed/b", "/closed/c/d", "/closed/c"] {
            try fixture.submit(.delete, Body.pathNumber(path), identities: [joe])
        }
        let missed = try Self.missed(fixture, recursive: ["/"], in: fixture.records[6...])
        #expect(Self.told(fixture, missed) == (["nodeDeleted /open/a 7"], 3))
        #expect(
            Self.told(fixture, missed, [joe]).told
                == ["nodeDeleted /open/a 7", "nodeDeleted /closed/b 8", "nodeDeleted /closed/c 10"])
    }

    @Test func whereNothingWasEverClosedNothingIsWithheldThatTheTreeHasHeld() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        try fixture.create("/a/b")
        try fixture.delete("/a/b")
        try fixture.delete("/a")
        let missed = try Self.missed(fixture, recursive: ["/"], in: fixture.records[2...])
        #expect(Self.told(fixture, missed).told == ["nodeDeleted /a/b 3", "nodeDeleted /a 4"])
        // Of what was there before the snapshot, that the tree was loaded from, nobody knows.
        let late = Self.told(fixture, missed, completeAfter: Zxid(rawValue: 3))
        #expect(late == (["nodeDeleted /a 4"], 1))
    }

    @Test func aNodeMadeAnewSaysNothingOfTheOldOne() throws {
        let fixture = TreeFixture()
        let joe = Identity(scheme: "digest", id: "joe:x")
        try fixture.create("/p", acl: [AccessEntry(.all, joe)], identities: [joe])
        try fixture.create("/p/a", acl: [AccessEntry(.all, joe)], identities: [joe])
        try fixture.submit(.setData, Body.setData("/p/a", [1]), identities: [joe])
        try fixture.submit(.delete, Body.pathNumber("/p/a"), identities: [joe])
        try fixture.create("/p/a", identities: [joe])
        let missed = try Self.missed(fixture, recursive: ["/p/a"], in: fixture.records[2...])
        #expect(Self.told(fixture, missed) == (["nodeCreated /p/a 5"], 2))
    }
}
