import Compression
import Disk
import Identifiers
import Simulation
import TestSupport
import Testing

@testable import Snapshots

/// Whatever happens to the bytes, a reader says what and where, and never gives other contents.
@Suite struct DamageTests {
    private let directory: TemporaryDirectory
    private let sample: Sample
    private let bytes: [UInt8]
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        sample = Sample(seed: 3, codec: .lz4, pieceCount: 8, pieceByteCountMax: 60)
        path = try sample.write(on: kernelDisk, in: directory.path).path
        bytes = try directory.contents(of: sample.header.name.fileName)
    }

    @Test func everyTruncationIsFound() throws {
        let file = try kernelDisk.open(path, access: .buffered)
        for length in (0..<bytes.count).reversed() {
            try file.truncate(to: length)
            #expect(throws: SnapshotReadError.self, "cut to \(length) bytes") {
                try SnapshotReader(path, on: kernelDisk)
            }
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        let file = try kernelDisk.open(path, access: .buffered)
        var found = 0
        for offset in bytes.indices {
            for bit in 0..<8 {
                try write([bytes[offset] ^ (1 << bit)], at: offset, of: file)
                do throws(SnapshotReadError) {
                    _ = try Reading(path, on: kernelDisk)
                    Issue.record("bit \(bit) of byte \(offset) is flipped, and nothing noticed")
                } catch {
                    found += error.isDamage ? 1 : 0
                }
            }
            try write([bytes[offset]], at: offset, of: file)
        }
        #expect(found == bytes.count * 8)
        #expect(try Reading(path, on: kernelDisk).matches(sample))
    }

    @Test func bytesBehindTheEndAreFound() throws {
        for extra in [[0], [1, 2, 3], Array(bytes.suffix(SnapshotFormat.trailerByteCount))] as [[UInt8]] {
            try directory.write(bytes + extra, to: "snap-longer.zks")
            #expect(throws: SnapshotReadError.self) {
                try SnapshotReader(directory.path + "/snap-longer.zks", on: kernelDisk)
            }
        }
    }

    @Test func aBlockInAnothersPlaceIsFound() throws {
        var sample = sample
        let piece = Sample.Piece(kind: .nodes, recordCount: 1, bytes: Array(repeating: 7, count: 300_000))
        sample.pieces = [piece, piece, piece]
        sample.end.totals.tailRecordCount = 0
        sample.header.generation = 8
        let written = try sample.write(on: kernelDisk, in: directory.path)
        let reader = try SnapshotReader(written.path, on: kernelDisk)
        let (first, second) = (try reader.entry(at: 0), try reader.entry(at: 1))
        #expect(first.storedByteCount == second.storedByteCount)
        var swapped = try directory.contents(of: written.name.fileName)
        let frame = swapped[first.offset..<second.offset]
        swapped.replaceSubrange(second.offset..<second.offset + frame.count, with: frame)
        try directory.write(swapped, to: "snap-swapped.zks")
        let damaged = try SnapshotReader(directory.path + "/snap-swapped.zks", on: kernelDisk)
        #expect(try damaged.decodeBlock(0).bytes == piece.bytes)
        let error = #expect(throws: SnapshotReadError.self) { try damaged.decodeBlock(1) }
        #expect(error?.part == .block(1))
        #expect(error?.offset == second.offset)
        #expect(throws: SnapshotReadError.self) { try damaged.verify() }
    }

    @Test func aBlockOfAnotherSnapshotIsFound() throws {
        var other = sample
        other.header.nonce ^= 1
        other.header.generation = 8
        let written = try other.write(on: kernelDisk, in: directory.path)
        let otherBytes = try directory.contents(of: written.name.fileName)
        #expect(otherBytes.count == bytes.count)
        let entry = try SnapshotReader(path, on: kernelDisk).entry(at: 2)
        var mixed = bytes
        mixed.replaceSubrange(
            entry.offset..<entry.endOffset, with: otherBytes[entry.offset..<entry.endOffset])
        try directory.write(mixed, to: "snap-mixed.zks")
        let reader = try SnapshotReader(directory.path + "/snap-mixed.zks", on: kernelDisk)
        #expect(throws: SnapshotReadError.self) { try reader.decodeBlock(2) }
        #expect(try reader.decodeBlock(3).recordCount > 0)
    }

    @Test func noiseIsNotASnapshotAndCostsNoMoreMemoryThanItsLength() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            var noise = (0..<random.below(20_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if random.oneIn(2) { noise.replaceSubrange(0..<min(8, noise.count), with: "AVRYSNAP".utf8) }
            try directory.write(noise, to: "snap-noise.zks")
            let disk = WatchedDisk(kernelDisk)
            #expect(throws: SnapshotReadError.self) {
                try SnapshotReader(directory.path + "/snap-noise.zks", on: disk)
            }
            #expect(disk.bufferByteCount <= noise.count)
        }
    }

    @Test func overwrittenPartsCostNoMoreMemoryThanTheFileIsLong() throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<500 {
            var damaged = bytes
            let start = random.below(bytes.count)
            for place in start..<min(bytes.count, start + 1 + random.below(64)) {
                damaged[place] = UInt8(truncatingIfNeeded: random.next())
            }
            guard damaged != bytes else { continue }
            try directory.write(damaged, to: "snap-damaged.zks")
            let disk = WatchedDisk(kernelDisk)
            #expect(throws: SnapshotReadError.self) {
                _ = try Reading(directory.path + "/snap-damaged.zks", on: disk)
            }
            #expect(disk.bufferByteCount <= bytes.count)
        }
    }

    @Test func anErrorSaysWhichFileWhereAndWhatToDo() throws {
        var damaged = bytes
        let entry = try SnapshotReader(path, on: kernelDisk).entry(at: 1)
        damaged[entry.offset + 30] ^= 1
        try directory.write(damaged, to: "snap-damaged.zks")
        let reader = try SnapshotReader(directory.path + "/snap-damaged.zks", on: kernelDisk)
        let error = try #require(
            #expect(throws: SnapshotReadError.self) { try reader.verify() })
        #expect(error.description.contains("snap-damaged.zks: block 1 at byte \(entry.offset): checksum"))
        #expect(error.description.contains("next older snapshot"))
    }

    @Test func aMissingFileIsTheDisksErrorAndNoDamage() throws {
        let error = #expect(throws: SnapshotReadError.self) {
            try SnapshotReader(directory.path + "/snap-none.zks", on: kernelDisk)
        }
        #expect(error?.isDamage == false)
        #expect(error?.defect == .disk(DiskError(.open, directory.path + "/snap-none.zks", code: 2)))
    }

    private func write(_ bytes: [UInt8], at offset: Int, of file: KernelFile) throws {
        try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    }
}
