import DataTree
import Identifiers
import Jute
import Testing

/// Structures as large as a client can make them: no call goes deeper for them, and none of them is a trap.
struct BoundsTests {
    /// A level's name takes two bytes, so this is the depth that 20,000 bytes of path have.
    private static let depth = 10_000

    private static func path(_ depth: Int) -> String { String(repeating: "/d", count: depth) }

    @Test func tenThousandLevelsAreMadeReadSavedLoadedAndRemoved() throws {
        let fixture = TreeFixture()
        for first in stride(from: 1, through: Self.depth, by: 500) {
            let items = (first..<first + 500).map { (OperationCode.create, Body.create(Self.path($0))) }
            #expect(try MultiTests.results(fixture.submit(.multi, Body.multi(items)).reply).count == 500)
        }
        let deepest = Self.path(Self.depth)
        #expect(fixture.exists(deepest))
        #expect(try fixture.descendants("/d") == Int32(Self.depth - 1))
        #expect(try fixture.descendants(Self.path(Self.depth - 2)) == 2)
        #expect(try fixture.create(Self.path(Self.depth + 2)).error == .noNode)
        #expect(try fixture.delete("/d").error == .notEmpty)

        var copy = TreeFixture.emptyTree()
        try copy.loadImageSlice(fixture.image().span.bytes)
        try copy.finishLoading(at: fixture.tree.lastAppliedZxid)
        #expect(copy.digest == fixture.tree.digest && copy.nodeCount == fixture.tree.nodeCount)

        try fixture.setQuota("/d", "count=-1,bytes=-1")
        #expect(try fixture.statistics("/d") == "count=\(Self.depth),bytes=0")
        try fixture.delete(deepest)
        #expect(try fixture.statistics("/d") == "count=\(Self.depth - 1),bytes=0")
        fixture.tree.addWatch("/d".utf8Bytes.span.bytes, mode: .persistentRecursive, watcher: 1)
        #expect(try fixture.create(deepest).events.count == 1)
    }

    @Test func aMultiOfAsManyItemsAsAFrameHoldsIsPreparedAndAnswered() throws {
        let fixture = TreeFixture(rules: TreeRules())
        try fixture.create("/a")
        // 19 bytes an item: what fits into the longest frame that can be configured.
        let count = (10 << 20) / 19
        let check = Body.pathNumber("/a")
        var body: [UInt8] = []
        for _ in 0..<count {
            MultiHeader(type: OperationCode.check.rawValue, error: -1).encode(into: &body)
            body += check
        }
        MultiHeader.end.encode(into: &body)
        let outcome = try fixture.submit(.multi, body)
        #expect(outcome.error == .ok)
        #expect(outcome.reply.count == (count + 1) * MultiHeader.byteCount)
    }

    @Test func aMultiWhoseRecordWouldBeTooLongChangesNothing() throws {
        var rules = TreeRules()
        rules.multiByteCountMax = 1000
        let fixture = TreeFixture(rules: rules)
        let before = try WholeTree(&fixture.tree)
        let items = (0..<30).map { (OperationCode.create, Body.create("/n\($0)")) }
        let results = try MultiTests.results(fixture.submit(.multi, Body.multi(items)).reply)
        #expect(results.contains("error \(ErrorCode.invalidACL.rawValue)"))
        #expect(try WholeTree(&fixture.tree) == before)
    }

    @Test func aHundredThousandChildrenAreListedInOneReply() throws {
        let fixture = TreeFixture()
        try fixture.create("/p")
        for first in stride(from: 0, to: 100_000, by: 1000) {
            let items = (first..<first + 1000).map { (OperationCode.create, Body.create("/p/c\($0)")) }
            try fixture.submit(.multi, Body.multi(items))
        }
        #expect(try fixture.children("/p").count == 100_000)
        #expect(try fixture.descendants("/p") == 100_000)
        #expect(try fixture.stat("/p").childCount == 100_000)
    }

    @Test func aListOfNamesIsAsLongAsItMayBeAndNoLonger() throws {
        // The count, and for each child a length and its name of 6 bytes.
        let byteCount = 4 + 10 * (4 + 6)
        var codes: [ErrorCode] = []
        for limit in [byteCount - 1, byteCount] {
            var rules = TreeRules()
            rules.listReplyByteCountMax = limit
            let fixture = TreeFixture(rules: rules)
            try fixture.create("/p")
            for number in 0..<10 { try fixture.create("/p/child\(number)") }
            let reader = Reader(identities: [])
            let parent = "/p".utf8Bytes
            for withStat in [false, true] {
                codes.append(
                    Self.code(limit: byteCount + 80) { reply throws(ErrorCode) in
                        try fixture.tree.getChildren(
                            parent.span.bytes, withStat: withStat, reader, into: &reply)
                    })
            }
        }
        #expect(codes == [.marshallingError, .marshallingError, .ok, .ok])
    }

    /// What a read answers; behind a refusal nothing of it is in the reply.
    private static func code(
        limit: Int, _ read: (inout [UInt8]) throws(ErrorCode) -> Void
    ) -> ErrorCode {
        var reply: [UInt8] = [0xEE]
        do throws(ErrorCode) { try read(&reply) } catch {
            #expect(reply == [0xEE])
            return error
        }
        #expect(reply.count <= limit + 1)
        return .ok
    }

    @Test func tooManyEphemeralNodesFitIntoNoList() throws {
        var rules = TreeRules()
        rules.listReplyByteCountMax = 4 + 2 * (4 + 2)
        let fixture = TreeFixture(rules: rules)
        let all = "".utf8Bytes
        var codes: [ErrorCode] = []
        for name in ["/a", "/b", "/c"] {
            try fixture.create(name, flags: 1)
            codes.append(
                Self.code(limit: 16) { reply throws(ErrorCode) in
                    try fixture.tree.getEphemerals(0x1001, prefix: all.span.bytes, into: &reply)
                })
        }
        #expect(codes == [.ok, .ok, .marshallingError])
    }

    @Test func aCreateRequestsPathMayFillItsFrame() throws {
        let fixture = TreeFixture()
        let name = "/" + String(repeating: "n", count: 1 << 20)
        #expect(try fixture.create(name).error == .ok)
        #expect(try fixture.create(name + "/x").error == .ok)
        #expect(try fixture.delete(name).error == .notEmpty)
        // As many empty components as that are no path.
        #expect(try fixture.create(String(repeating: "/", count: 1 << 20)).error == .noNode)
    }
}

extension String {
    fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}
