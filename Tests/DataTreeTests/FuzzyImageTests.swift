import ByteCoding
import DataTree
import Identifiers
import Jute
import Simulation
import Testing

/// An image whose slices are taken while records are applied, loaded into a fresh tree in any order and
/// brought up by those records, is the tree itself.
struct FuzzyImageTests {
    /// The tree an image was taken from, at its end, and what a snapshot of it would hold.
    private struct Taken {
        var slices: [[UInt8]] = []
        var tail: [[UInt8]] = []
        var whole: WholeTree
        var lastZxid: Zxid
    }

    @Test func loadingAndReplayingGivesTheSameTree() throws {
        for seed in Effort.seeds(quick: 500, normal: 3000, long: 200_000) {
            let taken = try Self.take(seed: seed)
            var loaded = try Self.load(taken, seed: seed)
            let whole = try WholeTree(&loaded)
            #expect(whole == taken.whole, "AVIARY_SEED=\(seed)")
            if whole != taken.whole { return }
        }
    }

    @Test func aTreeFromAnImageGoesOnLikeTheOriginal() throws {
        for seed in Effort.seeds(quick: 50, normal: 300, long: 5000) {
            let fixture = TreeFixture(rules: TreeFixture.extendedRules)
            var writes = RandomWrites(random: SeededRandom(seed: seed))
            for _ in 0..<60 { try fixture.submitRandom(&writes) }
            var copy = TreeFixture.emptyTree()
            try copy.loadImageSlice(fixture.image().span.bytes)
            try copy.finishLoading(at: fixture.tree.lastAppliedZxid)
            for _ in 0..<40 {
                try fixture.submitRandom(&writes)
                let record = try #require(fixture.records.last)
                var reply: [UInt8] = []
                var events: [WatchEvent] = []
                let applied = try copy.apply(
                    record.span.bytes, wantsReply: false, reply: &reply, events: &events)
                #expect(!applied.isDigestMismatch, "AVIARY_SEED=\(seed)")
            }
            #expect(try WholeTree(&copy) == WholeTree(&fixture.tree), "AVIARY_SEED=\(seed)")
        }
    }

    @Test func replayingARecordTwiceChangesNothing() throws {
        for seed in Effort.seeds(quick: 50, normal: 300, long: 5000) {
            var taken = try Self.take(seed: seed)
            // Once more from the start: each record is then older than some of the tree.
            taken.tail += taken.tail
            var loaded = try Self.load(taken, seed: seed)
            #expect(try WholeTree(&loaded) == taken.whole, "AVIARY_SEED=\(seed)")
        }
    }

    @Test func aLostSliceLeavesParentsMissingOrAnotherDigest() throws {
        let fixture = TreeFixture()
        try fixture.create("/a")
        try fixture.create("/a/b")
        var slices: [[UInt8]] = []
        var cursor: DataTree.ImageCursor? = .start
        while let from = cursor {
            slices.append([])
            cursor = fixture.tree.encodeImageSlice(
                from: from, maxByteCount: 1, into: &slices[slices.count - 1])
        }
        #expect(slices.count == 6)
        var loaded = TreeFixture.emptyTree()
        // The slice of /a, which is the fifth node, stays away.
        slices.remove(at: 4)
        for slice in slices { try loaded.loadImageSlice(slice.span.bytes) }
        #expect(loaded.placeholderCount == 1)
        let error = #expect(throws: ImageDefect.self) { try loaded.finishLoading(at: .zero) }
        #expect(error == .parentsMissing(count: 1))
    }

    @Test func bytesThatAreNoSliceAreRefused() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1, 2, 3])
        let image = fixture.image()
        for end in 1..<image.count {
            var tree = TreeFixture.emptyTree()
            // A slice that ends between two items is a shorter slice.
            let part = Array(image[..<end])
            do throws(ImageDefect) { try tree.loadImageSlice(part.span.bytes) } catch {
                guard case .malformed = error else {
                    Issue.record("\(end) bytes: \(error)")
                    continue
                }
            }
        }
        var tree = TreeFixture.emptyTree()
        let unknown: [UInt8] = [9]
        #expect(throws: ImageDefect.unknownTag(9)) { try tree.loadImageSlice(unknown.span.bytes) }
    }

    /// Takes an image of a random tree in random slices, with random records between them.
    private static func take(seed: UInt64) throws -> Taken {
        var writes = RandomWrites(random: SeededRandom(seed: seed))
        writes.nameCount = 2 + writes.random.below(4)
        let fixture = TreeFixture(rules: TreeFixture.extendedRules)
        for _ in 0..<writes.random.below(80) { try write(fixture, &writes) }
        var slices: [[UInt8]] = []
        let start = fixture.records.count
        var cursor: DataTree.ImageCursor? = .start
        let density = 1 + writes.random.below(10)
        let sliceByteCountMax = 1 << writes.random.below(10)
        while let from = cursor {
            var slice: [UInt8] = []
            cursor = fixture.tree.encodeImageSlice(
                from: from, maxByteCount: 1 + writes.random.below(sliceByteCountMax), into: &slice)
            slices.append(slice)
            for _ in 0..<writes.random.below(density) where cursor != nil { try write(fixture, &writes) }
        }
        slices.shuffle(using: &writes.random)
        return Taken(
            slices: slices, tail: Array(fixture.records[start...]), whole: try WholeTree(&fixture.tree),
            lastZxid: fixture.tree.lastAppliedZxid)
    }

    /// A random request; often one that makes a name stand for another node than before, and now and
    /// then a session's end without the list of its nodes.
    private static func write(_ fixture: TreeFixture, _ writes: inout RandomWrites) throws {
        switch writes.random.below(15) {
        case 0: try closeWithoutList(fixture, session: writes.session())
        case 1...4: try remake(fixture, writes.path(depth: 1 + writes.random.below(2)), &writes)
        default: try fixture.submitRandom(&writes)
        }
    }

    private static func closeWithoutList(_ fixture: TreeFixture, session: Int64) throws {
        let (_, record) = try fixture.prepare(.closeSession, [], session: session)
        let header = record[..<TransactionHeader.byteCount]
        let unlisted = Array(header + record.suffix(TransactionDigest.byteCount))
        fixture.records[fixture.records.count - 1] = unlisted
        _ = try fixture.apply(unlisted)
    }

    /// Deletes a node with all below it and makes it again, with some children, one by one or in one multi.
    private static func remake(
        _ fixture: TreeFixture, _ path: String, _ writes: inout RandomWrites
    ) throws {
        var items: [(OperationCode, [UInt8])] = []
        for path in try fixture.subtree(path).reversed() { items.append((.delete, Body.pathNumber(path))) }
        items.append((.create, Body.create(path, writes.data(), acl: writes.acl())))
        for index in 0..<writes.random.below(3) {
            items.append((.create2, Body.create("\(path)/n\(index)", writes.data())))
        }
        items.append((.setData, Body.setData(path, writes.data())))
        guard writes.random.below(2) == 0 else {
            for item in items { try fixture.submit(item.0, item.1, session: writes.session()) }
            return
        }
        try fixture.submit(.multi, Body.multi(items), session: writes.session())
    }

    private static func load(_ taken: Taken, seed: UInt64) throws -> DataTree {
        var tree = TreeFixture.emptyTree()
        for slice in taken.slices { try tree.loadImageSlice(slice.span.bytes) }
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        for record in taken.tail {
            _ = try tree.apply(
                record.span.bytes, mode: .replay, wantsReply: true, reply: &reply, events: &events)
        }
        #expect(reply.isEmpty && events.isEmpty, "AVIARY_SEED=\(seed)")
        try tree.finishLoading(at: taken.lastZxid)
        return tree
    }
}

extension TreeFixture {
    static func emptyTree() -> DataTree { DataTree(hashSeed: 99, rules: extendedRules) }

    /// The whole image in one slice.
    func image() -> [UInt8] {
        var slice: [UInt8] = []
        #expect(tree.encodeImageSlice(from: .start, maxByteCount: .max / 2, into: &slice) == nil)
        return slice
    }
}
