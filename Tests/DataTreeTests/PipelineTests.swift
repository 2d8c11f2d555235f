import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// Preparing ahead of applying must come to the same records as preparing after everything is applied.
struct PipelineTests {
    @Test func recordsDoNotDependOnHowMuchIsPending() throws {
        for seed in Effort.seeds(quick: 100, normal: 1000, long: 50_000) {
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            let ahead = TreeFixture(rules: TreeFixture.extendedRules, hashSeed: 1)
            let lone = TreeFixture(rules: TreeFixture.extendedRules, hashSeed: 2)
            var pending: [[UInt8]] = []
            for _ in 0..<120 {
                let request = writes.request()
                let expected = try lone.prepare(request.operation, request.body, session: request.session)
                _ = try lone.apply(expected.record)
                let made = try ahead.prepare(request.operation, request.body, session: request.session)
                #expect(made.record == expected.record, "AVIARY_SEED=\(seed)")
                if made.record != expected.record { return }
                pending.append(made.record)
                while !pending.isEmpty, writes.random.below(8) == 0 {
                    _ = try ahead.apply(pending.removeFirst())
                }
            }
            for record in pending { _ = try ahead.apply(record) }
            #expect(try WholeTree(&ahead.tree) == WholeTree(&lone.tree), "AVIARY_SEED=\(seed)")
        }
    }

    @Test func changesThatAreDroppedWereNeverThere() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        let before = try WholeTree(&fixture.tree)
        _ = try fixture.prepare(.create, Body.create("/a/x"))
        _ = try fixture.prepare(.setData, Body.setData("/a", [1]))
        _ = try fixture.prepare(.setACL, Body.setACL("/a", [AccessEntry(.read, .anyone)]))
        fixture.tree.dropPendingChanges()
        #expect(try WholeTree(&fixture.tree) == before)
        // The version is the one before the dropped changes, and so is the digest that `submit` checks.
        #expect(try fixture.setData("/a", [2], version: 0).error == .ok)
        #expect(try fixture.submit(.delete, Body.pathNumber("/a")).error == .ok)
    }

    @Test func aRefusedRequestConsumesItsZxidAndNothingElse() throws {
        let fixture = TreeFixture()
        let (error, record) = try fixture.prepare(.delete, Body.pathNumber("/none"))
        #expect(error == .noNode)
        #expect(record.count == TransactionHeader.byteCount + 4, "an error has no digest")
        let outcome = try fixture.apply(record)
        #expect(outcome.error == .noNode && outcome.applied.header.type == .error)
        #expect(fixture.tree.lastAppliedZxid == outcome.applied.header.zxid)
    }

    @Test func aRequestThatCannotBeReadLeavesItsZxidFree() throws {
        let fixture = TreeFixture()
        let body = Body.create("/a", [1, 2, 3])
        for end in 0..<body.count {
            let part = Array(body[..<end])
            var record: [UInt8] = [0xaa]
            #expect(throws: JuteDefect.self) {
                try fixture.tree.prepare(.create, part.span.bytes, fixture.origin(), into: &record)
            }
            #expect(record == [0xaa])
        }
        let item = Body.multi([(.create, body)])
        for end in 0..<item.count {
            let part = Array(item[..<end])
            var record: [UInt8] = []
            #expect(throws: JuteDefect.self) {
                try fixture.tree.prepare(.multi, part.span.bytes, fixture.origin(), into: &record)
            }
            #expect(record.isEmpty)
        }
        #expect(!fixture.exists("/a"))
        #expect(try fixture.create("/a").error == .ok)
    }

    @Test func aRecordThatCannotBeReadChangesNothing() throws {
        let fixture = TreeFixture()
        let items: [(OperationCode, [UInt8])] = [(.create, Body.create("/a")), (.create, Body.create("/b"))]
        let (_, record) = try fixture.prepare(.multi, Body.multi(items))
        let before = try WholeTree(&fixture.tree)
        for end in 0..<record.count where end != record.count - TransactionDigest.byteCount {
            let part = Array(record[..<end])
            var reply: [UInt8] = []
            var events: [WatchEvent] = []
            #expect(throws: JuteDefect.self) {
                try fixture.tree.apply(part.span.bytes, wantsReply: true, reply: &reply, events: &events)
            }
            #expect(reply.isEmpty)
        }
        #expect(try WholeTree(&fixture.tree) == before)
        var unknown = record
        unknown[31] = 99
        #expect(throws: JuteDefect.unknownType(99)) { try fixture.apply(unknown) }
    }

    @Test func aDivergedTreeIsNoticed() throws {
        let fixture = TreeFixture()
        let (_, record) = try fixture.prepare(.create, Body.create("/a"))
        fixture.tree.dropPendingChanges()
        fixture.nextZxid -= 1
        try fixture.create("/other")
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        let applied = try fixture.tree.apply(
            record.span.bytes, wantsReply: false, reply: &reply, events: &events)
        #expect(applied.isDigestMismatch)
    }

    @Test func aSessionsNodesAreThoseThatWillExistWhenItCloses() throws {
        let fixture = TreeFixture()
        try fixture.create("/stays", flags: 1, session: 5)
        try fixture.create("/goes", flags: 1, session: 5)
        try fixture.create("/other", flags: 1, session: 6)
        let records = [
            try fixture.prepare(.delete, Body.pathNumber("/goes")).record,
            try fixture.prepare(.create, Body.create("/comes", flags: 1), session: 5).record,
            try fixture.prepare(.create, Body.create("/goes", flags: 1), session: 6).record,
        ]
        let (_, close) = try fixture.prepare(.closeSession, [], session: 5)
        for record in records { _ = try fixture.apply(record) }
        let body = Array(close.dropFirst(TransactionHeader.byteCount))
        var reader = JuteReader(body.span.bytes)
        var paths = try CloseSessionTransaction(from: &reader).paths
        var listed: [String] = []
        while let path = paths.next() {
            listed.append(path.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        #expect(listed == ["/comes", "/stays"])
        #expect(try fixture.apply(close).applied.sessionChange == .closed)
        #expect(try fixture.children("/") == ["goes", "other", "zookeeper"])
    }

    @Test func aListOverOneMebibyteIsLeftOutAndTheNodesGoAllTheSame() throws {
        let fixture = TreeFixture()
        let name = String(repeating: "x", count: 4000)
        for index in 0..<270 { try fixture.create("/\(name)\(index)", flags: 1, session: 5) }
        let (_, record) = try fixture.prepare(.closeSession, [], session: 5)
        #expect(record.count == TransactionHeader.byteCount + TransactionDigest.byteCount)
        _ = try fixture.apply(record)
        #expect(try fixture.children("/") == ["zookeeper"])
    }
}
