import DataTree
import Identifiers
import Jute
import Testing

/// When which fact about a node changes, and which error a refused request gives.
struct NodeRulesTests {
    @Test func aCreatedNodeHasItsZxidAndTimeThroughout() throws {
        let fixture = TreeFixture()
        let created = try fixture.create("/a", [1, 2, 3])
        let stat = try fixture.stat("/a")
        let zxid = created.applied.header.zxid.rawValue
        #expect([stat.czxid, stat.mzxid, stat.pzxid] == [zxid, zxid, zxid])
        #expect([stat.ctime, stat.mtime] == [fixture.time, fixture.time])
        #expect([stat.version, stat.cversion, stat.aversion, stat.childCount] == [0, 0, 0, 0])
        #expect(stat.dataByteCount == 3)
    }

    @Test func setDataMovesVersionMzxidAndMtimeOnly() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1])
        var expected = try fixture.stat("/a")
        try fixture.setData("/a", [1, 2])
        expected.version = 1
        expected.mzxid = fixture.nextZxid - 1
        expected.mtime = fixture.time
        expected.dataByteCount = 2
        #expect(try fixture.stat("/a") == expected)
    }

    @Test func aChildMovesItsParentsCversionPzxidAndCountOnly() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        var expected = try fixture.stat("/a")
        try fixture.create("/a/x")
        expected.cversion = 1
        expected.childCount = 1
        expected.pzxid = fixture.nextZxid - 1
        #expect(try fixture.stat("/a") == expected)
        try fixture.delete("/a/x")
        expected.cversion = 2
        expected.childCount = 0
        expected.pzxid = fixture.nextZxid - 1
        #expect(try fixture.stat("/a") == expected)
    }

    @Test func setACLMovesAversionOnly() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        var expected = try fixture.stat("/a")
        try fixture.submit(.setACL, Body.setACL("/a", [AccessEntry([.read, .admin], .anyone)]))
        expected.aversion = 1
        #expect(try fixture.stat("/a") == expected)
    }

    @Test func aSequenceNumberCountsAllCreationsInTheParent() throws {
        let fixture = TreeFixture()
        try fixture.create("/q")
        try fixture.create("/q/plain")
        try fixture.delete("/q/plain")
        try fixture.create("/q/a", flags: 2)
        try fixture.create("/q/b", flags: 3)
        #expect(try fixture.children("/q") == ["a0000000001", "b0000000002"])
    }

    @Test(arguments: [
        (Int32.max, "2147483647"), (.min, "-2147483648"), (-5, "-000000005"), (-2, "-000000002"),
    ])
    func aSequenceNumberIsTenCharactersOfASignedNumber(cversion: Int32, name: String) throws {
        let fixture = TreeFixture()
        try fixture.create("/q")
        // A record as a leader makes it after that many creations.
        var record: [UInt8] = []
        let origin = fixture.origin()
        TransactionHeader(
            sessionID: origin.sessionID, cxid: 1, zxid: origin.zxid, time: origin.time, type: .create
        ).encode(into: &record)
        let path = Array("/q/x".utf8)
        let nothing: [UInt8] = []
        var acl: [UInt8] = []
        AccessList.encode([.open], into: &acl)
        // Half the numbers ahead at most counts as newer, so it takes steps to get there.
        for step in [1 << 30, .max, cversion] {
            var record = record
            CreateTransaction.encode(
                .create, path: path.span.bytes, data: JuteBuffer(bytes: nothing.span.bytes),
                acl: acl.span.bytes,
                isEphemeral: false, parentCversion: step, ttl: -1, into: &record)
            _ = try fixture.apply(record)
            fixture.nextZxid += 1
            try fixture.delete("/q/x")
        }
        #expect(try fixture.stat("/q").cversion == cversion &* 2)
        try fixture.create("/q/", flags: 2)
        #expect(try fixture.children("/q") == [name])
    }

    @Test func aVersionNeverBecomesTheOneThatMeansAny() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        var record: [UInt8] = []
        let origin = fixture.origin()
        TransactionHeader(
            sessionID: origin.sessionID, cxid: 1, zxid: origin.zxid, time: origin.time, type: .setData
        ).encode(into: &record)
        let path = Array("/a".utf8)
        let nothing: [UInt8] = []
        SetDataTransaction.encode(
            path: path.span.bytes, data: JuteBuffer(bytes: nothing.span.bytes), version: -2, into: &record)
        _ = try fixture.apply(record)
        fixture.nextZxid += 1
        #expect(try fixture.setData("/a", [], version: -2).error == .ok)
        #expect(try fixture.stat("/a").version == 0)
    }

    @Test func nullAndEmptyDataStayDifferent() throws {
        let fixture = TreeFixture()
        try fixture.create("/null", nil)
        try fixture.create("/empty", [])
        #expect(try fixture.data("/null") == nil)
        #expect(try fixture.data("/empty") == [])
        #expect(try fixture.stat("/null").dataByteCount == 0)
        try fixture.setData("/empty", nil)
        #expect(try fixture.data("/empty") == nil)
    }

    @Test func dataOfEverySizeIsKept() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", nil)
        for byteCount in [
            0, 1, 7, 8, 9, 500, 510, 511, 512, 513, 1024, 5000, 65_535, 65_536, 65_537, 1 << 20, 3,
        ] {
            let data = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try fixture.setData("/a", data)
            #expect(try fixture.data("/a") == data)
            try fixture.create("/n\(byteCount)", data)
        }
        for byteCount in [0, 513, 65_537, 1 << 20] {
            #expect(try fixture.data("/n\(byteCount)")?.count == byteCount)
            try fixture.delete("/n\(byteCount)")
        }
        #expect(try fixture.data("/a")?.count == 3)
    }

    @Test func aHundredThousandNodesAreFoundAndForgotten() throws {
        let fixture = TreeFixture()
        for parent in 0..<10 { try fixture.create("/p\(parent)") }
        let empty = try WholeTree(&fixture.tree)
        for index in 0..<20_000 { try fixture.create("/p\(index % 10)/n\(index)", [UInt8(index & 255)]) }
        #expect(fixture.tree.nodeCount == empty.nodeCount + 20_000)
        for index in stride(from: 0, to: 20_000, by: 7) {
            #expect(try fixture.data("/p\(index % 10)/n\(index)") == [UInt8(index & 255)])
        }
        #expect(!fixture.exists("/p1/n0"))
        for index in 0..<20_000 { try fixture.delete("/p\(index % 10)/n\(index)") }
        #expect(fixture.tree.nodeCount == empty.nodeCount)
        #expect(fixture.tree.dataByteCount == empty.dataByteCount)
        #expect(!fixture.exists("/p1/n1"))
    }

    @Test func theReservedNodesAreThereFromTheStart() throws {
        let fixture = TreeFixture()
        #expect(try fixture.children("/") == ["zookeeper"])
        #expect(try fixture.children("/zookeeper") == ["config", "quota"])
        #expect(try fixture.stat("/").cversion == -1)
        #expect(try fixture.stat("/zookeeper").cversion == -2)
        #expect(try fixture.stat("/zookeeper/config").aversion == -1)
        #expect(fixture.tree.nodeCount == 4)
    }

    @Test func containersAndNodesWithATimeToLiveExpire() throws {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        try fixture.submit(.createContainer, Body.create("/used", flags: 4))
        try fixture.submit(.createContainer, Body.create("/unused", flags: 4))
        try fixture.submit(.createTTL, Body.create("/ttl", flags: 5, ttl: 100))
        try fixture.create("/used/x")
        let start = fixture.time
        func expired(after milliseconds: Int64, neverUsedMax: Int64 = 1000) -> [String] {
            var cursor = ExpiryCursor()
            let paths = fixture.tree.expiredPaths(
                from: &cursor, now: start + milliseconds, neverUsedMax: neverUsedMax, seenMax: 10,
                countMax: 10)
            #expect(cursor.isAtEnd)
            return paths.map { String(decoding: $0, as: UTF8.self) }.sorted()
        }
        #expect(expired(after: 50) == [])
        #expect(expired(after: 200) == ["/ttl"])
        #expect(expired(after: 5000) == ["/ttl", "/unused"])
        #expect(expired(after: 5000, neverUsedMax: 0) == ["/ttl"])
        try fixture.delete("/used/x")
        #expect(expired(after: 50) == ["/used"])
        #expect(try fixture.submit(.deleteContainer, Body.path("/used")).error == .ok)
        try fixture.create("/ttl/x")
        #expect(expired(after: 200) == [])
        #expect(try fixture.submit(.deleteContainer, Body.path("/ttl")).error == .notEmpty)
        try fixture.create("/plain")
        #expect(try fixture.submit(.deleteContainer, Body.path("/plain")).error == .badVersion)
    }

    /// Nodes come and go while the look goes on.
    @Test func aLookInPiecesMeetsEachNodeOnce() throws {
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        for number in 0..<300 {
            try fixture.create("/plain\(number)")
            try fixture.submit(.createTTL, Body.create("/ttl\(number)", flags: 5, ttl: 1))
        }
        var cursor = ExpiryCursor()
        var met: [String] = []
        var pieceCount = 0
        while !cursor.isAtEnd {
            let piece = fixture.tree.expiredPaths(
                from: &cursor, now: fixture.time + 1000, neverUsedMax: 0, seenMax: 50, countMax: 20)
            #expect(piece.count <= 20)
            met += piece.map { String(decoding: $0, as: UTF8.self) }
            for path in piece.prefix(5) {
                let path = String(decoding: path, as: UTF8.self)
                #expect(try fixture.submit(.deleteContainer, Body.path(path)).error == .ok)
            }
            try fixture.submit(.createTTL, Body.create("/late\(pieceCount)", flags: 5, ttl: 1_000_000))
            pieceCount += 1
        }
        #expect(met.sorted() == (0..<300).map { "/ttl\($0)" }.sorted())
        #expect(pieceCount >= 15)
    }

    @Test func withoutExtendedTypesThereIsNoTimeToLive() throws {
        let fixture = TreeFixture()
        #expect(try fixture.submit(.createTTL, Body.create("/t", flags: 5, ttl: 1)).error == .unimplemented)
        // And an owner that looks like one is a session of server 255.
        try fixture.create("/e", flags: 1, session: -1)
        #expect(try fixture.stat("/e").ephemeralOwner == -1)
        try fixture.closeSession(-1)
        #expect(!fixture.exists("/e"))
    }

    @Test func aContainerAskedForByPlainCreateIsAContainer() throws {
        let fixture = TreeFixture()
        let outcome = try fixture.submit(.create, Body.create("/c", flags: 4))
        #expect(outcome.applied.header.type == .createContainer)
        #expect(fixture.tree.expirableCount == 1)
    }
}
