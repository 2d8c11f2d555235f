import DataTree
import Identifiers
import Jute
import Testing

/// How a request's kind of node depends on operation, flags and place; as ZooKeeper 3.9.3 answered.
struct ItemRulesTests {
    private static func results(_ operation: OperationCode, flags: Int32, ttl: Int64? = nil) throws
        -> [String]
    {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        let item = (operation, Body.create("/n", flags: flags, ttl: ttl))
        return try MultiTests.results(fixture.submit(.multi, Body.multi([item])).reply)
    }

    @Test(
        arguments: [OperationCode.create, .create2, .createContainer], [-1, 5, 6, 7, .min, .max] as [Int32])
    func aMultiWithAKindOfNodeThatCannotBeIsNoMulti(operation: OperationCode, flags: Int32) {
        #expect(throws: JuteDefect.unknownFlags(flags)) { try Self.results(operation, flags: flags) }
    }

    @Test func aNullAccessListMakesAMultiUnreadableUnlessATimeToLiveIsAskedFor() throws {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        func body(_ operation: OperationCode, flags: Int32) -> [UInt8] {
            var body: [UInt8] = [
                0, 0, 0, 2, 0x2f, 0x6e, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, UInt8(flags),
            ]
            if operation == .createTTL { body += [0, 0, 0, 0, 0, 0, 0, 9] }
            return Body.multi([(operation, body)])
        }
        for operation in [OperationCode.create, .create2] {
            #expect(throws: JuteDefect.missing) { try fixture.submit(.multi, body(operation, flags: 0)) }
        }
        let outcome = try fixture.submit(.multi, body(.createTTL, flags: 5))
        #expect(try MultiTests.results(outcome.reply) == ["error -114"])
    }

    @Test func aTimeToLiveThatTheFlagsDoNotAskForIsPassedOverInAMulti() throws {
        #expect(try Self.results(.createTTL, flags: 0, ttl: 5) == ["create /n"])
        #expect(try Self.results(.createTTL, flags: 2, ttl: 0) == ["create /n0000000000"])
        #expect(try Self.results(.createTTL, flags: 4, ttl: 5) == ["create2 /n"])
        #expect(try Self.results(.createTTL, flags: 5, ttl: 5) == ["create2 /n"])
        #expect(try Self.results(.createTTL, flags: 5, ttl: 0) == ["error -8"])
        #expect(try Self.results(.createTTL, flags: 9, ttl: 5) == ["error -8"])
    }

    @Test func aTimeToLiveThatTheFlagsDoNotAskForIsRefusedOutsideOne() throws {
        let fixture = TreeFixture()
        for flags: Int32 in 0...4 {
            let body = Body.create("/n", flags: flags, ttl: 5)
            #expect(try fixture.submit(.createTTL, body).error == .badArguments)
        }
        #expect(try fixture.submit(.createTTL, Body.create("/n", flags: 6, ttl: 5)).error == .unimplemented)
    }

    @Test func whatCreateContainerMakesIsAContainerWhateverItsFlags() throws {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        for flags: Int32 in 0...4 {
            let outcome = try fixture.submit(.createContainer, Body.create("/c\(flags)", flags: flags))
            #expect(outcome.error == .ok && outcome.applied.header.type == .createContainer)
            #expect(fixture.tree.expirableCount == Int(flags) + 1 && fixture.tree.ephemeralCount == 0)
        }
        #expect(fixture.exists("/c20000000002") && fixture.exists("/c30000000003"))
        let timed = try fixture.submit(.createContainer, Body.create("/c", flags: 5))
        #expect(timed.error == .badArguments)
    }

    @Test func aNullPathIsNoRequest() throws {
        let null: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        let requests: [(OperationCode, [UInt8])] = [
            (.create, null + Body.create("").dropFirst(4)), (.delete, null + [0, 0, 0, 0]),
            (.multi, Body.multi([(.check, null + [0, 0, 0, 0])])),
            (.multi, Body.multi([(.setData, null + null + [0, 0, 0, 0])])),
        ]
        for (operation, body) in requests {
            let fixture = TreeFixture()
            #expect(throws: JuteDefect.missing) { try fixture.submit(operation, body) }
            #expect(fixture.records.isEmpty)
        }
        let fixture = TreeFixture()
        for operation in [OperationCode.setData, .setACL] {
            #expect(try fixture.submit(operation, null + null + [0, 0, 0, 0]).error == .badArguments)
        }
    }

    @Test func aPrefixOfBlanksOrTheRootMeansAllEphemeralNodes() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", flags: 1)
        try fixture.create("/ab", flags: 1)
        func found(_ prefix: String) throws -> Int32 {
            var reply: [UInt8] = []
            try fixture.tree.getEphemerals(0x1001, prefix: Array(prefix.utf8).span.bytes, into: &reply)
            var reader = JuteReader(reply.span.bytes)
            return try reader.int32()
        }
        for prefix in ["", " ", "\t\n ", "/", " / ", "/a"] { #expect(try found(prefix) == 2, "\(prefix)") }
        #expect(try found("/ab") == 1)
        for prefix in ["/a ", "a", "//", "/b", " /a"] { #expect(try found(prefix) == 0, "\(prefix)") }
    }

    @Test func withoutDigestsARecordEndsWithItsTransaction() throws {
        var rules = TreeRules()
        rules.recordsDigests = false
        let fixture = TreeFixture(rules: rules)
        let (_, record) = try fixture.prepare(.delete, Body.pathNumber("/none"))
        _ = try fixture.apply(record)
        let (_, made) = try fixture.prepare(.multi, Body.multi([]))
        #expect(made.count == TransactionHeader.byteCount + 4)
        #expect(try fixture.apply(made).error == .ok)
        let before = fixture.tree.digest
        try fixture.create("/a", flags: 1)
        try fixture.closeSession(0x1001)
        #expect(!fixture.exists("/a") && fixture.tree.digest != before)
    }

    @Test func aClosedSessionsNodesGoWithoutBeingListed() throws {
        var rules = TreeRules()
        rules.listsNodesOfClosedSessions = false
        let fixture = TreeFixture(rules: rules)
        try fixture.create("/a", flags: 1)
        let (_, record) = try fixture.prepare(.closeSession, [])
        #expect(record.count == TransactionHeader.byteCount + TransactionDigest.byteCount)
        _ = try fixture.apply(record)
        #expect(!fixture.exists("/a"))
    }
}
