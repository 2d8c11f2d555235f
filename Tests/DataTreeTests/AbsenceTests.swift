import DataTree
import Jute
import Testing

/// What is answered for nodes that are not there, by `TreeRules.hidesExistence`.
struct AbsenceTests {
    private static let joe = Identity(scheme: "digest", id: "joe:x")
    private static let closed = [AccessEntry(.all, joe)]

    /// `/closed` and `/closed/there` are Joe's, `/open` and `/closed/open` everybody's.
    private static func fixture(hides: Bool) throws -> TreeFixture {
        var rules = TreeRules()
        rules.hidesExistence = hides
        let fixture = TreeFixture(rules: rules)
        try fixture.create("/closed", acl: closed)
        try fixture.create("/closed/there", acl: closed, identities: [joe])
        try fixture.create("/closed/open", identities: [joe])
        try fixture.create("/open")
        return fixture
    }

    private static func code(_ body: () throws -> Void) -> ErrorCode {
        do { try body() } catch { return error as? ErrorCode ?? .systemError }
        return .ok
    }

    /// What each read of a path answers.
    private static func reads(
        _ path: String, of fixture: TreeFixture, by identities: [Identity] = []
    ) throws -> [ErrorCode] {
        let bytes = Array(path.utf8)
        let reader = Reader(identities: identities, watcher: 9)
        var reply: [UInt8] = []
        var codes = [
            code { try fixture.tree.exists(bytes.span.bytes, reader, into: &reply) },
            code { try fixture.tree.getData(bytes.span.bytes, reader, into: &reply) },
            code { try fixture.tree.getChildren(bytes.span.bytes, withStat: true, reader, into: &reply) },
            code { try fixture.tree.getACL(bytes.span.bytes, reader, into: &reply) },
            code { try fixture.tree.getAllChildrenNumber(bytes.span.bytes, reader, into: &reply) },
        ]
        var request: [UInt8] = []
        PathWatchRequest.encode(path, watch: false, into: &request)
        reply = []
        try fixture.tree.multiRead(Body.multi([(.getData, request)]).span.bytes, reader, into: &reply)
        codes.append(ErrorCode(rawValue: try ErrorCodes.first(ofMulti: reply)))
        return codes
    }

    /// What each write of a path answers.
    private static func writes(
        _ path: String, of fixture: TreeFixture, by identities: [Identity] = []
    ) throws -> [ErrorCode] {
        let requests: [(OperationCode, [UInt8])] = [
            (.setData, Body.setData(path, [])), (.delete, Body.pathNumber(path)),
            (.setACL, Body.setACL(path, [.open])), (.create, Body.create(path + "/new")),
        ]
        var codes = try requests.map { try fixture.submit($0.0, $0.1, identities: identities).error }
        for item in [(OperationCode.check, Body.pathNumber(path)), requests[0]] {
            let reply = try fixture.submit(.multi, Body.multi([item]), identities: identities).reply
            codes.append(ErrorCode(rawValue: try ErrorCodes.first(ofMulti: reply)))
        }
        return codes
    }

    @Test func whereNothingIsHiddenAMissingNodeIsToldFromAClosedOne() throws {
        let fixture = try Self.fixture(hides: false)
        #expect(Set(try Self.reads("/closed/there", of: fixture)) == [.noAuth])
        #expect(Set(try Self.reads("/closed/none", of: fixture)) == [.noNode])
    }

    @Test func belowAClosedNodeNobodyLearnsWhatIsThere() throws {
        let fixture = try Self.fixture(hides: true)
        for path in ["/closed/there", "/closed/none", "/closed/none/deep/er", "/closed/there/none"] {
            #expect(Set(try Self.reads(path, of: fixture)) == [.noAuth], "\(path)")
            #expect(Set(try Self.writes(path, of: fixture)) == [.noAuth], "\(path)")
        }
        // Reads take what is no path; writes refuse it for that.
        #expect(Set(try Self.reads("/closed//x", of: fixture)) == [.noAuth])
        #expect(fixture.tree.watchCount == 0)
    }

    @Test func whoCouldListThePlaceIsToldThatNothingIsThere() throws {
        let fixture = try Self.fixture(hides: true)
        for path in ["/none", "/open/none", "/open/none/deep", "/closed/open/none"] {
            #expect(Set(try Self.reads(path, of: fixture)) == [.noNode], "\(path)")
            #expect(Set(try Self.writes(path, of: fixture)) == [.noNode], "\(path)")
        }
        #expect(Set(try Self.reads("/closed/none/x", of: fixture, by: [Self.joe])) == [.noNode])
        #expect(Set(try Self.writes("/closed/none", of: fixture, by: [Self.joe])) == [.noNode])
        #expect(Set(try Self.reads("/closed/open", of: fixture)) == [.ok])
    }

    @Test func whatWasMissedOfHiddenNodesIsNotToldAndStaysWatched() throws {
        for (hides, identities, toldCount) in [(false, [], 5), (true, [], 0), (true, [Self.joe], 5)]
            as [(Bool, [Identity], Int)]
        {
            let fixture = try Self.fixture(hides: hides)
            var body: [UInt8] = []
            SetWatchesRequest.encode(
                relativeZxid: 0, data: ["/closed/there", "/closed/none"], exist: ["/closed/there"],
                child: ["/closed/there", "/closed/none"], into: &body)
            var reader = JuteReader(body.span.bytes)
            var count = 0
            fixture.tree.setWatches(
                try SetWatchesRequest(.setWatches, from: &reader), watcher: 1, identities: identities
            ) { _, _ in count += 1 }
            #expect(count == toldCount)
            #expect(fixture.tree.watchCount == (toldCount == 0 ? 2 : 0))
        }
    }

    /// A frame's worth of slashes costs no more than some looks at the tree.
    @Test(.timeLimit(.minutes(1))) func aPathOfManyLevelsIsSearchedByHalves() throws {
        let fixture = try Self.fixture(hides: true)
        let deep = "/closed" + String(repeating: "/x", count: 500_000)
        #expect(Set(try Self.reads(deep, of: fixture)) == [.noAuth])
    }
}

/// What stands in the replies of multi and multiRead.
private enum ErrorCodes {
    /// The error of the first item; of an item that succeeded 0.
    static func first(ofMulti reply: [UInt8]) throws -> Int32 {
        var reader = JuteReader(reply.span.bytes)
        let header = try MultiHeader(from: &reader)
        return header.type == OperationCode.error.rawValue ? try reader.int32() : 0
    }
}
