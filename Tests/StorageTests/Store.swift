import Compression
import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Synchronization
import TransactionLog

/// A data directory on some disk, and short words for what a server does with it.
struct Store<D: Disk> {
    let disk: D
    var configuration: StorageConfiguration

    init(on disk: D, at root: String = "/data") {
        self.disk = disk
        let dice = Dice(seed: 7)
        var log = LogConfiguration(random: { dice.roll() })
        log.segmentByteCount = 64 * 1024
        log.ringByteCount = 0
        configuration = StorageConfiguration(dataDirectory: root, logDirectory: root, log: log)
    }

    var snapshotPath: String { configuration.snapshotPath }
    var logPath: String { configuration.logPath }

    /// Opens the store; every snapshot that is whole loads.
    func open() throws(StorageError) -> Storage<D> { try open { reader in try Self.read(reader) } }

    func open(load: (SnapshotReader<D>) throws -> Void) throws(StorageError) -> Storage<D> {
        try Storage.open(configuration, on: disk, time: 1_700_000_000_000, load: load)
    }

    /// Opens and lets go again, after a word with the open store.
    func visit<Result>(_ body: (Storage<D>) throws -> Result) throws -> Result {
        let storage = try open()
        return try withExtendedLifetime(storage) { try body(storage) }
    }

    private static func read(_ reader: SnapshotReader<D>) throws {
        for number in 0..<reader.blockCount { _ = try reader.decodeBlock(number) }
    }
}

extension Storage {
    /// Appends a record a batch; each says its own zxid.
    func append(_ zxids: ClosedRange<Int64>, byteCount: Int = 40) throws {
        for number in zxids {
            var buffer = RecordBuffer()
            buffer.append(zxid: Zxid(rawValue: number)) { $0 += Self.record(number, byteCount: byteCount) }
            _ = try log.commit(buffer, time: 1_700_000_000_000 + number, committed: Zxid(rawValue: number))
        }
    }

    /// Appends records as one batch.
    func appendTogether(_ zxids: ClosedRange<Int64>) throws {
        var buffer = RecordBuffer()
        for number in zxids {
            buffer.append(zxid: Zxid(rawValue: number)) { $0 += Self.record(number, byteCount: 40) }
        }
        _ = try log.commit(buffer, time: 1_700_000_000_000, committed: Zxid(rawValue: zxids.upperBound))
    }

    static func record(_ number: Int64, byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: number &* 31 &+ Int64($0)) }
    }

    /// The records behind the loaded snapshot, as a server replays them.
    func replay() throws -> [Int64] {
        let cursor = LogCursor(after: report.snapshotZxid, mode: .durable, tail: log.tail, on: disk)
        var zxids: [Int64] = []
        while let slice = try cursor.next() {
            try slice.forEachRecord { zxid, record in
                let bytes = record.withUnsafeBytes { [UInt8]($0) }
                guard bytes == Self.record(zxid.rawValue, byteCount: bytes.count) else {
                    throw Surprise("the record of \(zxid) is another")
                }
                zxids.append(zxid.rawValue)
            }
        }
        return zxids
    }

    /// Writes a snapshot that holds everything up to `end`, and reads it back.
    func writeSnapshot(_ start: Int64, _ end: Int64, storeID: UInt128? = nil) throws -> VerifiedSnapshot {
        let header = SnapshotHeader(
            storeID: storeID ?? log.slots.metadata.storeID, nonce: UInt128(start) << 64 | 99,
            startZxid: Zxid(rawValue: start), generation: try snapshots.nextGeneration(),
            creationTime: 1_700_000_000_000, codec: .lz4)
        let pacing = SnapshotPacing(
            byteCountPerSecond: nil, expectedByteCount: 0, reservedByteCount: 0, pause: { _ in })
        var writer = try SnapshotWriter(on: disk, directory: snapshots.path, header: header, pacing: pacing)
        let nodes = Self.record(end, byteCount: 3000)
        try writer.append(.nodes, recordCount: 1, bytes: nodes.span)
        let written = try writer.finish(
            SnapshotEnd(
                zxid: Zxid(rawValue: end), epoch: Epoch(rawValue: 0), digestVersion: 2,
                digest: UInt64(end),
                totals: SnapshotTotals(
                    nodeCount: 1, ephemeralCount: 0, sessionCount: 0, dataByteCount: 3000,
                    tailRecordCount: 0)))
        return try SnapshotReader(written.path, on: disk).verify()
    }

    /// Writes a snapshot of one moment and lists it in the slots.
    @discardableResult
    func takeSnapshot(_ zxid: Int64) throws -> SnapshotRetention<D>.Purged {
        try retention.register(try writeSnapshot(zxid, zxid))
    }

    /// The zxids of the snapshots under live names, newest first.
    func liveSnapshots() throws -> [Int64] {
        try snapshots.list().compactMap { $0.name?.startZxid.rawValue }
    }
}

/// The random numbers of a store, the same in every run.
final class Dice: Sendable {
    private let state: Mutex<SeededRandom>

    init(seed: UInt64) { state = Mutex(SeededRandom(seed: seed)) }

    func roll() -> UInt64 { state.withLock { $0.next() } }
}

/// Something is not as it must be.
struct Surprise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
