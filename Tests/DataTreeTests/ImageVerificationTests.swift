import DataTree
import Identifiers
import Simulation
import Testing

@Suite struct ImageVerificationTests {
    /// An image taken in small slices with writes between them, and the writes.
    struct FuzzyImage {
        var slices: [[UInt8]] = []
        var tail: [[UInt8]] = []
        var digest: UInt64 = 0
        var nodeCount = 0
    }

    static func randomWrite(on fixture: TreeFixture, using random: inout some RandomNumberGenerator) throws {
        let parent = "/p\(Int.random(in: 0..<6, using: &random))"
        let path = parent + "/c\(Int.random(in: 0..<8, using: &random))"
        let session = Int64.random(in: 1...4, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: try fixture.create(parent, [1])
        case 1: try fixture.delete(parent)
        case 2...4:
            try fixture.create(
                path, [2, 3], flags: Int32.random(in: 0...1, using: &random), session: session)
        case 5...6: try fixture.delete(path)
        case 7: try fixture.closeSession(session)
        case 8: try fixture.setData(parent, [UInt8.random(in: 0...255, using: &random)])
        default: try fixture.setData(path, [4, UInt8.random(in: 0...255, using: &random)])
        }
    }

    static func fuzzyImage(seed: UInt64) throws -> FuzzyImage {
        var random = SeededRandom(seed: seed)
        let fixture = TreeFixture()
        for _ in 0..<80 { try randomWrite(on: fixture, using: &random) }
        var image = FuzzyImage()
        let start = fixture.records.count
        var cursor: DataTree.ImageCursor? = .start
        while let from = cursor {
            var slice: [UInt8] = []
            cursor = fixture.tree.encodeImageSlice(
                from: from, maxByteCount: Int.random(in: 1...600, using: &random), into: &slice)
            image.slices.append(slice)
            for _ in 0..<Int.random(in: 0...3, using: &random) where cursor != nil {
                try randomWrite(on: fixture, using: &random)
            }
        }
        image.tail = Array(fixture.records[start...])
        image.digest = fixture.tree.digest
        image.nodeCount = fixture.tree.nodeCount
        return image
    }

    static func verification(of image: FuzzyImage) throws -> (digest: UInt64, nodeCount: Int) {
        var verification = ImageVerification(hashSeed: 3)
        for record in image.tail { try verification.note(record.span.bytes) }
        for slice in image.slices { try verification.add(slice.span.bytes) }
        for record in image.tail { try verification.replay(record.span.bytes) }
        return (verification.digest, verification.nodeCount)
    }

    @Test func findsTheDigestAndCountThatTheWriterSaw() throws {
        for seed in 0..<400 {
            let image = try Self.fuzzyImage(seed: UInt64(seed))
            let found = try Self.verification(of: image)
            #expect(found.digest == image.digest, "seed \(seed)")
            #expect(found.nodeCount == image.nodeCount, "seed \(seed)")
        }
    }

    @Test func noticesALostRecordOfTheTail() throws {
        var noticed = 0
        var tried = 0
        for seed in 0..<60 {
            var image = try Self.fuzzyImage(seed: UInt64(seed))
            guard image.tail.count > 4 else { continue }
            image.tail.removeLast(3)
            tried += 1
            if try Self.verification(of: image).digest != image.digest { noticed += 1 }
        }
        // Records that changed nothing (refusals) or stand in the image already are not missed.
        #expect(tried > 20 && noticed > tried / 4)
    }

    @Test func noticesAChangedByteOfData() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [7, 7, 7, 7, 7])
        var slice: [UInt8] = []
        #expect(fixture.tree.encodeImageSlice(from: .start, maxByteCount: 1 << 20, into: &slice) == nil)
        let image = FuzzyImage(slices: [slice], digest: fixture.tree.digest)
        #expect(try Self.verification(of: image).digest == image.digest)
        var damaged = image
        let place = try #require(
            slice.indices.dropLast(5).first { slice[$0..<$0 + 5].allSatisfy { $0 == 7 } })
        damaged.slices[0][place] = 8
        #expect(try Self.verification(of: damaged).digest != image.digest)
    }
}
