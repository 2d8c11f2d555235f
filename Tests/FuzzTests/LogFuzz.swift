import ByteCoding
import Disk
import Identifiers
import Metadata
import Simulation
import Testing

@testable import TransactionLog

/// The log's files, damaged and forged.
extension FuzzTests {
    /// Windows and buffers of the reader, whose size does not depend on what is read.
    private static let readerByteCount = 1024 * 1024

    @Test func damagedSegments() {
        FuzzRun.target("log-raw", rounds: 12_000) { random in
            let sample = random.oneIn(2) ? LogSample.stopped : LogSample.crashed
            var files = sample.files
            for _ in 0..<1 + random.below(2) { Self.damage(&files, sample, &random) }
            let disk = BytesDisk(files: files)
            try FuzzRun.holding(atMost: 2 * disk.byteCount + Self.readerByteCount) {
                try Self.scan(disk, sample, isForged: false)
            }
        }
    }

    @Test func forgedBatches() {
        FuzzRun.target("log-batch", rounds: 12_000) { random in
            let sample = LogSample.crashed
            var files = sample.files
            let path = random.element(of: sample.segmentPaths)
            guard var bytes = files[path] else { return }
            let offsets = SegmentBytes.batchOffsets(in: bytes)
            for _ in 0..<1 + random.below(3) {
                let offset = random.element(of: offsets)
                let range =
                    random.below(4) > 0
                    ? offset + 4..<offset + 92 : offset + 128..<offset + LogFormat.blockByteCount
                Mutation.overwriteOnce(&bytes, in: range, &random)
            }
            SegmentBytes.sealBatches(&bytes, at: offsets, keepsChain: random.oneIn(4))
            files[path] = bytes
            let disk = BytesDisk(files: files)
            // A payload whose checksum is right may be as long as the format allows.
            let payload = LogFormat.payloadByteCountMax
            try FuzzRun.holding(atMost: 2 * disk.byteCount + 2 * payload + Self.readerByteCount) {
                try Self.scan(disk, sample, isForged: true)
            }
        }
    }

    @Test func forgedSegmentHeaders() {
        FuzzRun.target("log-header", rounds: 8_000) { random in
            let sample = LogSample.crashed
            var files = sample.files
            let path = random.element(of: sample.segmentPaths)
            guard var bytes = files[path] else { return }
            let offsets = SegmentBytes.batchOffsets(in: bytes)
            for _ in 0..<1 + random.below(2) { Mutation.overwriteOnce(&bytes, in: 8..<128, &random) }
            if random.below(8) > 0 {
                bytes.replaceSubrange(4096..<8192, with: bytes[0..<4096])
            }
            SegmentBytes.sealHeader(&bytes)
            // What the header says goes into every checksum behind it.
            SegmentBytes.sealBatches(&bytes, at: offsets, keepsChain: false)
            files[path] = bytes
            try Self.scan(BytesDisk(files: files), sample, isForged: true)
        }
    }

    @Test func forgedMetadata() {
        FuzzRun.target("log-metadata", rounds: 20_000) { random in
            let sample = LogSample.crashed
            var slot = SlotBytes.encoded(sample.metadata)
            for _ in 0..<1 + random.below(3) { Mutation.overwriteOnce(&slot, in: 12..<250, &random) }
            guard let metadata = SlotBytes.decoded(slot) else { return }
            let log = LogRecovery(LogSample.directory, metadata: metadata, on: BytesDisk(files: sample.files))
            let start = Zxid(rawValue: random.oneIn(2) ? 0 : random.interestingNumber(near: 0x1_0000_0020))
            _ = try log.scan(after: start)
        }
    }

    @Test func headerRoundTrips() {
        FuzzRun.target("log-fields", rounds: 60_000) { random in
            var block = random.bytes(LogFormat.blockByteCount - 4)
            for offset in 4..<random.below(128) + 4 where random.oneIn(2) { block[offset] = 0 }
            block.replace(littleEndian: LogFormat.batchMagic, at: 0)
            block[4] = UInt8(random.below(6))
            block[5] = UInt8(random.below(4))
            block.replace(littleEndian: UInt16(0), at: 6)
            for offset in [52, 56] { block.replace(littleEndian: UInt32(random.below(1 << 25)), at: offset) }
            block.replace(
                littleEndian: CRC32C.of(block.span.bytes.extracting(0..<124), continuing: 5), at: 124)
            guard var header = BatchHeader(decoding: block.span.bytes, seed: 5) else { return }
            let again = header.encode(seed: 5)
            try demand(again.prefix(92).elementsEqual(block.prefix(92)), "\(header) is written otherwise")
            try demand(Int(header.rawByteCount) <= LogFormat.payloadByteCountMax, "\(header) is too long")
        }
    }

    @Test func sparseIndexes() {
        FuzzRun.target("log-index", rounds: 100_000) { random in
            let count = random.below(6)
            var bytes: [UInt8] = []
            bytes.append(littleEndian: UInt32(count))
            bytes += random.bytes(count * SparseIndex.entryByteCount)
            if random.oneIn(2) { Mutation.change(&bytes, &random) }
            try FuzzRun.decoding(bytes.count) {
                guard let index = SparseIndex(decoding: bytes.span.bytes) else { return }
                try demand(index.encode() == bytes, "\(index.entries.count) entries are written otherwise")
            }
        }
    }

    @Test func seals() {
        FuzzRun.target("log-seal", rounds: 30_000) { random in
            let position = LogPosition(
                segment: random.next(), byteOffset: random.next(), ordinal: random.next(),
                lastZxid: Zxid(rawValue: random.interestingNumber(near: 0)), chain: 1)
            var block = SegmentSeal(footer: position, firstTime: .min, lastTime: .max).encode(seed: 9)
            let original = block
            Mutation.overwrite(&block, &random)
            if random.oneIn(2) {
                let checksum = CRC32C.of(block.span.bytes.extracting(droppingLast: 4), continuing: 9)
                block.replace(littleEndian: checksum, at: block.count - 4)
                guard let seal = SegmentSeal(decoding: block.span.bytes, seed: 9) else { return }
                try demand(seal.encode(seed: 9).prefix(60) == block.prefix(60), "written otherwise")
            } else {
                let seal = SegmentSeal(decoding: block.span.bytes, seed: 9)
                try demand(seal == nil || block == original, "a damaged seal counts")
            }
        }
    }

    // MARK: What is done to a log, and what it must give back

    private static func damage(
        _ files: inout [String: [UInt8]], _ sample: LogSample, _ random: inout SeededRandom
    ) {
        let path = random.element(of: sample.segmentPaths)
        guard var bytes = files[path] else { return }
        let blockCount = bytes.count / LogFormat.blockByteCount
        func block(_ random: inout SeededRandom) -> Range<Int> {
            let start = random.below(max(1, blockCount)) * LogFormat.blockByteCount
            return start..<min(bytes.count, start + LogFormat.blockByteCount)
        }
        switch random.below(8) {
        case 0: bytes.removeLast(random.below(bytes.count))
        case 1:
            let zeroed = block(&random)
            bytes.replaceSubrange(zeroed, with: repeatElement(0, count: zeroed.count))
        case 2:
            // A misdirected write: a block of this or another segment.
            let from = block(&random)
            let other = files[random.element(of: sample.segmentPaths)] ?? bytes
            let to = block(&random)
            if from.upperBound <= other.count, from.count == to.count {
                bytes.replaceSubrange(to, with: other[from])
            }
        case 3: files[path] = nil
        default: Mutation.overwrite(&bytes, &random)
        }
        if files[path] != nil { files[path] = bytes }
    }

    /// Reads everything. Not forged, every record is one that was written, and a log that is called safe
    /// has all of them but those of the last batch, which nothing promises.
    private static func scan(_ disk: BytesDisk, _ sample: LogSample, isForged: Bool) throws {
        var count = 0
        var last: Zxid?
        let recovery = LogRecovery(LogSample.directory, metadata: sample.metadata, on: disk)
        var violation: Violation?
        let report = try recovery.scan(after: .zero) { header, payload in
            guard header.kind == .data else { return }
            count += 1
            let batch = LogBatch(header, payload: payload)
            batch.forEachRecord { zxid, _ in
                if let last, zxid <= last { violation = Violation("\(zxid) after \(last)") }
                last = zxid
            }
            if !isForged, sample.payloads[header.ordinal] != payload {
                violation = Violation("batch \(header.ordinal) is not what was written")
            }
        }
        if let violation { throw violation }
        _ = report.verdict.description
        guard !isForged, report.verdict.isSafe else { return }
        let needed = sample.metadata.isCleanStop ? sample.payloads.count : sample.payloads.count - 1
        try demand(count >= needed, "\(report.verdict), with \(count) of \(sample.payloads.count) batches")
    }
}
