import Disk
import Glibc
import Identifiers
import Metadata
import TransactionLog

/// How long each sync of a turn took.
struct Turn {
    var nanoseconds: [UInt64] = []

    var total: UInt64 { nanoseconds.reduce(0, +) }

    func percentile(_ fraction: Double) -> UInt64 {
        let sorted = nanoseconds.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }
}

func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Appends through the real log: checksums, compression, headers, rolls and slots.
///
/// Records are framed, and their checksums computed, before the clock starts, as the server does it on its
/// event loop while the last batch syncs.
struct LogSide {
    private let log: TransactionLog<KernelDisk>
    private let recordCount: Int
    private let noise: [UInt8]
    private let recordByteCount: Int
    private var zxid = Zxid.zero

    init(_ place: BenchPlace, recordCount: Int, recordByteCount: Int) throws {
        let directory = "\(place.path)/log"
        try place.disk.makeDirectory(directory)
        for name in try place.disk.names(in: directory) { unlink("\(directory)/\(name)") }
        try MetadataSlots.create(in: directory, metadata: StoreMetadata(storeID: 1), on: place.disk)
        let slots = try MetadataSlots(opening: directory, on: place.disk)
        var generator = SystemRandomNumberGenerator()
        // Random bytes do not compress, so both sides write the same sizes.
        noise = (0..<recordByteCount + 65536).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.recordByteCount = recordByteCount
        let configuration = LogConfiguration { UInt64.random(in: 0 ... .max) }
        log = try TransactionLog.open(
            directory, slots: slots, after: .zero, configuration: configuration, time: 0, on: place.disk
        ).log
        _ = try log.supply.prepare()
        self.recordCount = recordCount
    }

    /// Bytes that one batch takes in the file.
    mutating func storedByteCount() throws -> Int {
        let before = log.end.byteOffset
        try append(nextRecords())
        return Int(log.end.byteOffset - before)
    }

    /// Prepares the segments that the next turn may need; the server's background thread does that.
    func prepareSegments() throws { _ = try log.supply.prepare() }

    mutating func turn(syncs: Int) throws -> Turn {
        var turn = Turn()
        for _ in 0..<syncs {
            let records = nextRecords()
            let start = now()
            try append(records)
            turn.nanoseconds.append(now() - start)
        }
        return turn
    }

    func close() throws { try log.close(time: 0, committed: zxid) }

    private func append(_ records: RecordBuffer) throws {
        let last = records.lastZxid
        _ = try log.commit(records, time: 0, committed: last)
    }

    private mutating func nextRecords() -> RecordBuffer {
        var buffer = RecordBuffer()
        buffer.reserveCapacity(recordCount * (recordByteCount + 16))
        for _ in 0..<recordCount {
            zxid = Zxid(rawValue: zxid.rawValue + 1)
            let start = Int(zxid.rawValue) * 7919 % 65536
            buffer.append(zxid: zxid, noise.span.bytes.extracting(start..<start + recordByteCount))
        }
        buffer.computeChecksum()
        return buffer
    }
}
