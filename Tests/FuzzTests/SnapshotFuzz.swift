import Disk
import Identifiers
import Simulation
import Testing

@testable import Snapshots

/// Snapshot files, damaged and forged.
extension FuzzTests {
    /// What zlib takes to inflate anything, beside errors and headers.
    private static let inflaterByteCount = 64 * 1024

    @Test func damagedSnapshots() {
        FuzzRun.target("snapshot-raw", rounds: 30_000) { random in
            let sample = random.element(of: SnapshotSample.samples)
            var bytes = sample.bytes
            switch random.below(10) {
            case 0: bytes = random.bytes(random.below(6000))
            case 1, 2: Mutation.change(&bytes, &random)
            default: Mutation.overwrite(&bytes, &random)
            }
            let disk = BytesDisk(files: [SnapshotSample.path: bytes])
            try FuzzRun.holding(atMost: 2 * bytes.count + Self.inflaterByteCount) {
                guard let blocks = Self.blocks(on: disk) else { return }
                try demand(bytes == sample.bytes, "changed bytes are accepted")
                try demand(blocks == sample.blocks, "other blocks came out")
            }
        }
    }

    @Test func forgedSnapshots() {
        FuzzRun.target("snapshot-forged", rounds: 30_000) { random in
            let sample = random.element(of: SnapshotSample.samples)
            var bytes = sample.bytes
            for _ in 0..<1 + random.below(3) {
                Mutation.overwriteOnce(&bytes, in: sample.fields(&random), &random)
            }
            sample.seal(&bytes)
            let disk = BytesDisk(files: [SnapshotSample.path: bytes])
            // What a right checksum vouches for may decompress to all that its stored bytes can hold.
            let expanded = bytes.count * 1032
            try FuzzRun.holding(atMost: 2 * bytes.count + expanded + Self.inflaterByteCount) {
                for block in Self.blocks(on: disk) ?? [] {
                    try demand(
                        block.recordCount <= block.bytes.count,
                        "\(block.recordCount) records in \(block.bytes.count) bytes")
                    if block.kind == .tail { Self.readTail(block.bytes) }
                }
            }
        }
    }

    @Test func tails() {
        FuzzRun.target("tail", rounds: 150_000) { random in
            var bytes: [UInt8] = []
            for _ in 0..<random.below(5) {
                TailReader.encode(record: random.bytes(random.below(60)).span.bytes, into: &bytes)
            }
            let original = bytes
            if random.below(4) > 0 { Mutation.change(&bytes, &random) }
            var again: [UInt8] = []
            again.reserveCapacity(bytes.count)
            try FuzzRun.holding(atMost: FuzzRun.errorByteCount) {
                var reader = TailReader(bytes.span.bytes)
                do throws(TailDefect) {
                    while let record = try reader.next() { TailReader.encode(record: record, into: &again) }
                } catch {
                    return try demand(bytes != original, "a valid tail is refused: \(error)")
                }
                try demand(again == bytes, "what was read is written otherwise")
            }
        }
    }

    /// All blocks of the snapshot; nil if any part of it is refused.
    private static func blocks(on disk: BytesDisk) -> [SnapshotBlock]? {
        do throws(SnapshotReadError) {
            let reader = try SnapshotReader(SnapshotSample.path, on: disk)
            var blocks: [SnapshotBlock] = []
            for number in 0..<reader.blockCount { blocks.append(try reader.decodeBlock(number)) }
            return blocks
        } catch {
            _ = error.description
            return nil
        }
    }

    private static func readTail(_ bytes: [UInt8]) {
        var reader = TailReader(bytes.span.bytes)
        do throws(TailDefect) { while try reader.next() != nil {} } catch { _ = error.description }
    }
}
