import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// getAllChildrenNumber says what counting all descendants would, however the tree came to be.
struct DescendantTests {
    @Test func aNodeCountsAllThatIsBelowItAndNothingElse() throws {
        let fixture = TreeFixture()
        for path in ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/e", "/ab", "/ab/c"] { try fixture.create(path) }
        #expect(try fixture.descendants("/a") == 4)
        #expect(try fixture.descendants("/a/b") == 2)
        #expect(try fixture.descendants("/a/b/c/d") == 0)
        #expect(try fixture.descendants("/ab") == 1)
        // The reserved nodes count as well.
        #expect(try fixture.descendants("/") == 10)
        #expect(try fixture.descendants("/zookeeper") == 2)
        try fixture.delete("/a/b/c/d")
        try fixture.delete("/a/b/c")
        #expect(try fixture.descendants("/a") == 2)
        #expect(try fixture.descendants("/a/b") == 0)
    }

    @Test func whoMayNotReadTheNodeIsNotTold() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", acl: [AccessEntry(.write, .anyone)])
        #expect(throws: ErrorCode.noAuth) { try fixture.descendants("/a") }
        #expect(throws: ErrorCode.noNode) { try fixture.descendants("/none") }
    }

    @Test func theCountIsThatOfAScanAfterAnyWrites() throws {
        for seed in Effort.seeds(quick: 50, normal: 300, long: 20_000) {
            let fixture = TreeFixture(rules: TreeFixture.extendedRules)
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            writes.nameCount = 3
            for _ in 0..<150 { try fixture.submitDeep(&writes) }
            try Self.compare(&fixture.tree, "AVIARY_SEED=\(seed)")
        }
    }

    @Test func theCountIsThatOfAScanAfterLoadingAndReplaying() throws {
        for seed in Effort.seeds(quick: 50, normal: 300, long: 20_000) {
            let fixture = TreeFixture(rules: TreeFixture.extendedRules)
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            writes.nameCount = 3
            for _ in 0..<60 { try fixture.submitDeep(&writes) }
            let start = fixture.records.count
            var slices: [[UInt8]] = []
            var cursor: DataTree.ImageCursor? = .start
            while let from = cursor {
                slices.append([])
                cursor = fixture.tree.encodeImageSlice(
                    from: from, maxByteCount: 1 + writes.random.below(300), into: &slices[slices.count - 1])
                for _ in 0..<writes.random.below(8) { try fixture.submitDeep(&writes) }
            }
            slices.shuffle(using: &writes.random)
            var tree = TreeFixture.emptyTree()
            for slice in slices { try tree.loadImageSlice(slice.span.bytes) }
            for record in fixture.records[start...] {
                var reply: [UInt8] = []
                var events: [WatchEvent] = []
                _ = try tree.apply(
                    record.span.bytes, mode: .replay, wantsReply: false, reply: &reply, events: &events)
            }
            try tree.finishLoading(at: fixture.tree.lastAppliedZxid)
            try Self.compare(&tree, "AVIARY_SEED=\(seed)")
        }
    }

    /// Compares each node's count with the nodes that can be reached from it.
    private static func compare(_ tree: inout DataTree, _ seed: Comment) throws {
        let whole = try WholeTree(&tree)
        for path in whole.nodes.keys {
            let below = whole.nodes.keys.filter { path == "/" ? $0 != "/" : $0.hasPrefix(path + "/") }
            let bytes = Array(path.utf8)
            var reply: [UInt8] = []
            try tree.getAllChildrenNumber(
                bytes.span.bytes, Reader(identities: [Identity(scheme: "super", id: "")]), into: &reply)
            var reader = JuteReader(reply.span.bytes)
            #expect(try reader.int32() == below.count, seed)
        }
    }
}

extension TreeFixture {
    func descendants(_ path: String) throws -> Int32 {
        var reply: [UInt8] = []
        try tree.getAllChildrenNumber(Array(path.utf8).span.bytes, Reader(identities: []), into: &reply)
        var reader = JuteReader(reply.span.bytes)
        return try reader.int32()
    }

    /// A random request, often about nodes far down.
    func submitDeep(_ writes: inout RandomWrites) throws {
        guard writes.random.below(3) > 0 else { return try submitRandom(&writes) }
        let path = writes.path(depth: 1 + writes.random.below(6))
        if writes.random.below(3) == 0 { try delete(path) } else { try create(path) }
    }
}
