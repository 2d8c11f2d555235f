import Compression
import Disk
import Identifiers
import Simulation
import Synchronization
import TestSupport
import Testing

@testable import Snapshots

@Suite struct RoundTripTests {
    @Test(arguments: Codec.allCases, [1, 2, 3, 4, 5] as [UInt64])
    func whatWasWrittenIsRead(codec: Codec, seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let sample = Sample(seed: seed, codec: codec, pieceCount: 60, pieceByteCountMax: 90_000)
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reading = try Reading(written.path, on: kernelDisk)
        #expect(reading.matches(sample))
        for kind in Sample.kinds {
            #expect(reading.recordCount(of: kind) == sample.recordCount(of: kind))
            #expect(reading.footer.blocks.recordCount(of: kind) == sample.recordCount(of: kind))
        }
        #expect(reading.blocks.allSatisfy { $0.bytes.count <= SnapshotFormat.blockByteCountTarget })
        #expect(reading.footer == written.footer)
        #expect(try directory.names() == [sample.header.name.fileName])
        #expect(try directory.contents(of: sample.header.name.fileName).count == written.byteCount)
    }

    @Test func aSnapshotOfNothingIsASnapshot() throws {
        let directory = try TemporaryDirectory()
        var sample = Sample(seed: 1)
        sample.pieces = []
        sample.end.totals.tailRecordCount = 0
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reader = try SnapshotReader(written.path, on: kernelDisk)
        #expect(reader.blockCount == 0)
        #expect(try reader.verify().end == sample.end)
    }

    @Test func aPieceIsNeverDividedAndALongOneGetsABlockOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        var sample = Sample(seed: 1)
        let target = SnapshotFormat.blockByteCountTarget
        let lengths = [100, target - 100, 1, target, target + 1, 5 * target + 3, 7, 8]
        sample.pieces = lengths.map {
            Sample.Piece(kind: .nodes, recordCount: 1, bytes: Array(repeating: UInt8($0 & 0xFF), count: $0))
        }
        sample.end.totals.tailRecordCount = 0
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reading = try Reading(written.path, on: kernelDisk)
        #expect(
            reading.blocks.map(\.bytes.count) == [target, 1, target, target + 1, 5 * target + 3, 15])
        #expect(reading.blocks.map(\.recordCount) == [2, 1, 1, 1, 1, 2])
        #expect(reading.matches(sample))
    }

    @Test func aBlockEndsWhereTheCallerSays() throws {
        let directory = try TemporaryDirectory()
        let sample = Sample(seed: 1)
        var writer = try SnapshotWriter(
            on: kernelDisk, directory: directory.path, header: sample.header, pacing: .none)
        try writer.append(.nodes, recordCount: 1, bytes: [1].span)
        try writer.endBlock()
        try writer.endBlock()
        try writer.append(.nodes, recordCount: 1, bytes: [2].span)
        var end = sample.end
        end.totals.tailRecordCount = 0
        let written = try writer.finish(end)
        #expect(try Reading(written.path, on: kernelDisk).blocks.map(\.bytes) == [[1], [2]])
    }

    @Test func noiseIsStoredAsItIs() throws {
        let directory = try TemporaryDirectory()
        var random = SeededRandom(seed: 9)
        var sample = Sample(seed: 1, codec: .zlib)
        let noise = (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        sample.pieces = [
            Sample.Piece(kind: .nodes, recordCount: 1, bytes: noise),
            Sample.Piece(kind: .sessions, recordCount: 1, bytes: Array(repeating: 5, count: 100_000)),
        ]
        sample.end.totals.tailRecordCount = 0
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reader = try SnapshotReader(written.path, on: kernelDisk)
        #expect(try reader.entry(at: 0).codec == .none)
        #expect(try reader.entry(at: 1).codec == .zlib)
        #expect(try reader.entry(at: 1).storedByteCount < 1000)
        #expect(try Reading(written.path, on: kernelDisk).matches(sample))
    }

    @Test func blocksAreDecodedFromSeveralThreadsAtOnce() async throws {
        let directory = try TemporaryDirectory()
        let sample = Sample(seed: 4, pieceCount: 80, pieceByteCountMax: 90_000)
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reader = try SnapshotReader(written.path, on: kernelDisk)
        let expected = try Reading(written.path, on: kernelDisk).blocks
        let decoded = try await withThrowingTaskGroup(of: (Int, SnapshotBlock).self) { group in
            for number in 0..<reader.blockCount {
                group.addTask { (number, try reader.decodeBlock(number)) }
            }
            var blocks: [Int: SnapshotBlock] = [:]
            for try await (number, block) in group { blocks[number] = block }
            return blocks
        }
        #expect((0..<expected.count).map { decoded[$0] } == expected)
    }

    @Test func verifyingReadsEveryBlockOnceAndTheTailFirst() throws {
        let directory = try TemporaryDirectory()
        let sample = Sample(seed: 4, pieceCount: 40, pieceByteCountMax: 90_000)
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reader = try SnapshotReader(written.path, on: kernelDisk)
        var verification = try SnapshotVerification(reader)
        var numbers: [Int] = []
        var kinds: [BlockKind] = []
        while let (number, block) = try verification.next() {
            numbers.append(number)
            kinds.append(block.kind)
            #expect(try block == reader.decodeBlock(number))
        }
        #expect(numbers.sorted() == Array(0..<reader.blockCount))
        let tailCount = try #require(kinds.firstIndex { $0 != .tail })
        #expect(tailCount > 0 && !kinds[tailCount...].contains(.tail))
        let verified = try verification.finish()
        #expect(verified.name == written.name)
        #expect(verified.footerChecksum == written.footerChecksum)
        #expect(verified.byteCount == written.byteCount)
    }
}
