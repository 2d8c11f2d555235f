import ByteCoding
import Disk
import Identifiers
import Metadata
import Simulation
import Storage
import Synchronization

@testable import TransactionLog

/// A log as a server wrote it: rolled segments with seals, batches of all sizes, promises, two starts.
struct LogSample: Sendable {
    static let directory = "/data/log"

    /// Ended by a clean stop, and as a crash leaves it.
    static let stopped = make(stops: true)
    static let crashed = make(stops: false)

    /// The disk; of use to one thread at a time, and never changed.
    let disk: SimulatedDisk
    let metadata: StoreMetadata
    /// Every file of the log by its path.
    let files: [String: [UInt8]]
    let segmentPaths: [String]
    /// The payloads of all data batches, by ordinal.
    let payloads: [UInt64: [UInt8]]
    let batchCount: Int

    static var configuration: StorageConfiguration {
        let dice = Mutex(SeededRandom(seed: 3))
        let box = Box(dice)
        var log = LogConfiguration(random: { box.roll() })
        log.segmentByteCount = 64 * 1024
        log.ringByteCount = 0
        return StorageConfiguration(dataDirectory: "/data", logDirectory: "/data", log: log)
    }

    private final class Box: Sendable {
        private let state: Mutex<SeededRandom>
        init(_ state: consuming Mutex<SeededRandom>) { self.state = state }
        func roll() -> UInt64 { state.withLock { $0.next() } }
    }

    private static func make(stops: Bool) -> LogSample {
        do {
            return try write(stops: stops)
        } catch {
            preconditionFailure("the sample cannot be written: \(error)")
        }
    }

    private static func write(stops: Bool) throws -> LogSample {
        let disk = SimulatedDisk()
        var random = SeededRandom(seed: 11)
        var zxid: Int64 = 0x1_0000_0000
        for start in 0..<2 {
            let storage = try Storage.open(configuration, on: disk, time: 1_700_000_000_000) { _ in }
            for number in 0..<18 {
                var buffer = RecordBuffer()
                for _ in 0..<1 + random.below(5) {
                    zxid += 1
                    buffer.append(zxid: Zxid(rawValue: zxid)) { $0 += record(&random) }
                }
                let end = Zxid(rawValue: zxid)
                _ = try storage.log.commit(buffer, time: 1_700_000_000_000 + zxid, committed: end)
                if number % 5 == 0 {
                    try storage.log.writeIdlePromise(time: 1_700_000_000_000, committed: end)
                }
            }
            if start == 1, stops { try storage.log.close(time: 1_700_000_009_000, committed: .zero) }
        }
        return try LogSample(disk)
    }

    private static func record(_ random: inout SeededRandom) -> [UInt8] {
        switch random.below(4) {
        case 0: [UInt8](repeating: random.byte(), count: random.below(6000))
        case 1: random.bytes(random.below(9000))
        default: random.bytes(random.below(200))
        }
    }

    private init(_ disk: SimulatedDisk) throws {
        self.disk = disk
        metadata = try MetadataSlots.read(in: Self.directory, on: disk)
        var files: [String: [UInt8]] = [:]
        let paths = disk.paths.filter { $0.hasPrefix(Self.directory + "/seg-") }
        for path in paths {
            // The zeroes behind a segment's end say nothing, but for the last one's, whose size is
            // evidence; a shorter file is read faster.
            var bytes = disk.contents(of: path) ?? []
            if path == paths.max() {
                files[path] = bytes
                continue
            }
            while bytes.count > 16 * 1024, bytes.suffix(4096).allSatisfy({ $0 == 0 }) {
                bytes.removeLast(4096)
            }
            files[path] = bytes + [UInt8](repeating: 0, count: 4096)
        }
        self.files = files
        segmentPaths = files.keys.sorted()
        var payloads: [UInt64: [UInt8]] = [:]
        var count = 0
        let report = try LogRecovery(Self.directory, metadata: metadata, on: BytesDisk(files: files))
            .scan(after: .zero) { header, payload in
                count += 1
                if header.kind == .data { payloads[header.ordinal] = payload }
            }
        precondition(report.verdict == .clean, "the sample is not clean: \(report.verdict)")
        precondition(segmentPaths.count >= 4, "the sample has \(segmentPaths.count) segments only")
        self.payloads = payloads
        batchCount = count
    }
}

/// Where the fields of a segment stand, and how to make its checksums right again.
enum SegmentBytes {
    /// Byte ranges of the batch headers that stand in an unchanged segment.
    static func batchOffsets(in bytes: [UInt8]) -> [Int] {
        guard let header = header(of: bytes) else { return [] }
        var offsets: [Int] = []
        var offset = LogFormat.headerByteCount
        while offset + LogFormat.blockByteCount <= bytes.count,
            let batch = BatchHeader(
                decoding: bytes.span.bytes.extracting(offset..<offset + LogFormat.blockByteCount),
                seed: header.seed(atByteOffset: offset))
        {
            offsets.append(offset)
            offset += batch.batchByteCount
        }
        return offsets
    }

    static func header(of bytes: [UInt8]) -> SegmentHeader? {
        do {
            return try SegmentHeader(decoding: bytes.span.bytes.extracting(0..<LogFormat.blockByteCount))
        } catch {
            return nil
        }
    }

    /// Makes the two header blocks' checksums right, whatever they say.
    static func sealHeader(_ bytes: inout [UInt8]) {
        for start in [0, LogFormat.blockByteCount] {
            let end = start + LogFormat.blockByteCount - 4
            bytes.replace(littleEndian: CRC32C.of(bytes.span.bytes.extracting(start..<end)), at: end)
        }
    }

    /// Makes the checksums of the batches right and links them, whatever their other fields say.
    ///
    /// - Parameter keepsChain: leaves what a header says of the batch before it.
    static func sealBatches(_ bytes: inout [UInt8], at offsets: [Int], keepsChain: Bool) {
        guard let header = header(of: bytes) else { return }
        var chain = header.predecessor.chain
        for offset in offsets {
            if !keepsChain { bytes.replace(littleEndian: chain, at: offset + 60) }
            sealPayload(&bytes, at: offset, header)
            let end = offset + LogFormat.batchHeaderByteCount - 4
            let checksum = CRC32C.of(
                bytes.span.bytes.extracting(offset..<end), continuing: header.seed(atByteOffset: offset))
            bytes.replace(littleEndian: checksum, at: end)
            chain = CRC32C.of(littleEndian: UInt64(checksum), continuing: chain)
        }
    }

    private static func sealPayload(_ bytes: inout [UInt8], at offset: Int, _ header: SegmentHeader) {
        let stored = Int(number(in: bytes, at: offset + 56) as UInt32)
        let batch = BatchHeader.batchByteCount(forStored: stored)
        guard offset + batch <= bytes.count else { return }
        let start = offset + LogFormat.batchHeaderByteCount
        let checksum = CRC32C.of(
            bytes.span.bytes.extracting(start..<start + stored), continuing: header.seed(atByteOffset: offset)
        )
        bytes.replace(littleEndian: checksum, at: offset + 88)
        let trailer = offset + batch - LogFormat.batchTrailerByteCount
        bytes.replace(littleEndian: number(in: bytes, at: offset + 24) as UInt64, at: trailer)
        bytes.replace(littleEndian: checksum, at: trailer + 8)
        bytes.replace(littleEndian: LogFormat.batchMagic, at: trailer + 12)
    }

    private static func number<T: FixedWidthInteger & BitwiseCopyable>(in bytes: [UInt8], at offset: Int) -> T
    {
        bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }
}
