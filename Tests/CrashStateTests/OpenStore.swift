import Compression
import Metadata
import ByteCoding
import Disk
import Identifiers
import Simulation
import Snapshots
import Storage
import Synchronization
import TransactionLog

/// A record as it came out of a snapshot or the log.
struct FoundRecord: Equatable {
    var zxid: Zxid
    var bytes: [UInt8]
}

/// An open store and everything in it, read the way a server does: the newest snapshot, then the log.
struct OpenStore {
    let storage: Storage<SimulatedDisk>
    let records: [FoundRecord]

    /// The smallest segment that takes batches of some sizes: four blocks of them.
    static let segmentByteCount = 32 * 1024

    /// - Parameter seed: for nonces; each opening of one store has another.
    static func configuration(seed: UInt64) -> StorageConfiguration {
        let source = NonceSource(seed: seed)
        var log = LogConfiguration(random: { source.next() })
        log.segmentByteCount = segmentByteCount
        return StorageConfiguration(dataDirectory: "data", logDirectory: "data", log: log)
    }

    init(on disk: SimulatedDisk, seed: UInt64, time: Int64 = 1) throws {
        var found: [FoundRecord] = []
        storage = try Storage.open(Self.configuration(seed: seed), on: disk, time: time) { reader in
            found = try ScriptSnapshot.records(in: reader)
        }
        guard found.last?.zxid ?? .zero == storage.report.snapshotZxid else {
            throw Broken(.history, "the snapshot does not end where its footer says")
        }
        var ordinal: UInt64?
        let cursor = LogCursor(
            after: storage.report.snapshotZxid, mode: .durable, tail: storage.log.tail, on: disk,
            pinned: false)
        while let slice = try cursor.next() {
            if let ordinal, slice.batch.ordinal <= ordinal { throw Broken(.order, "ordinals do not rise") }
            ordinal = slice.batch.ordinal
            slice.forEachRecord { zxid, record in
                found.append(FoundRecord(zxid: zxid, bytes: record.withUnsafeBytes { Array($0) }))
            }
        }
        records = found
        if storage.report.log.cutBytesPath != nil {
            let end = storage.report.log.recovery.end
            disk.mark(Marker(.cut, Int(end.segment) << 32 | Int(end.byteOffset)))
        }
    }
}

/// Random numbers for any thread.
private final class NonceSource: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func next() -> UInt64 { random.withLock { $0.next() } }
}

/// Snapshots whose state is the list of all records: what loads must be the history, byte for byte.
enum ScriptSnapshot {
    /// Appends one record of an image: zxid, length, bytes.
    static func encode(_ record: ScriptRecord, into bytes: inout [UInt8]) {
        bytes.append(littleEndian: record.zxid.rawValue)
        bytes.append(littleEndian: UInt32(record.byteCount))
        bytes.append(contentsOf: record.bytes)
    }

    static func records(in reader: SnapshotReader<SimulatedDisk>) throws -> [FoundRecord] {
        var found: [FoundRecord] = []
        for number in 0..<reader.blockCount {
            let block = try reader.decodeBlock(number)
            switch block.kind {
            case .nodes: try decode(block.bytes.span.bytes, into: &found)
            case .tail:
                var tail = TailReader(block.bytes.span.bytes)
                while let record = try tail.next() { try decode(record, into: &found) }
            case .sessions, .configuration: throw Broken(.submitted, "block \(block.kind) was never written")
            }
        }
        return found
    }

    private static func decode(_ bytes: RawSpan, into found: inout [FoundRecord]) throws {
        var reader = ByteReader(bytes)
        while reader.remainingByteCount > 0 {
            let zxid = Zxid(rawValue: try reader.littleEndian())
            let record = try reader.slice(byteCount: Int(try reader.littleEndian(UInt32.self)))
            found.append(FoundRecord(zxid: zxid, bytes: record.withUnsafeBytes { Array($0) }))
        }
    }

    /// Writes a snapshot of `image` followed by the tail `tail`, and makes it durable.
    static func write(
        _ image: ArraySlice<ScriptRecord>, tail: ArraySlice<ScriptRecord>, of store: Storage<SimulatedDisk>
    ) throws -> WrittenSnapshot {
        var writer = try begin(image, of: store)
        for record in tail {
            var bytes: [UInt8] = []
            var encoded: [UInt8] = []
            encode(record, into: &encoded)
            TailReader.encode(record: encoded.span.bytes, into: &bytes)
            try writer.append(.tail, recordCount: 1, bytes: bytes.span)
        }
        let last = tail.last?.zxid ?? image.last?.zxid ?? .zero
        let totals = SnapshotTotals(
            nodeCount: image.count + tail.count, ephemeralCount: 0, sessionCount: 0, dataByteCount: 0,
            tailRecordCount: tail.count)
        return try writer.finish(
            SnapshotEnd(zxid: last, epoch: last.epoch, digestVersion: 2, digest: 0, totals: totals))
    }

    /// A snapshot whose image is written and whose end is not.
    static func begin(
        _ image: ArraySlice<ScriptRecord>, of store: Storage<SimulatedDisk>
    ) throws -> SnapshotWriter<SimulatedDisk> {
        let generation = try store.snapshots.nextGeneration()
        let header = SnapshotHeader(
            storeID: store.log.slots.metadata.storeID, nonce: UInt128(generation) << 64 | 77,
            startZxid: image.last?.zxid ?? .zero, generation: generation, creationTime: 1, codec: .none)
        let pacing = SnapshotPacing(
            byteCountPerSecond: nil, expectedByteCount: 8192, reservedByteCount: 0, pause: { _ in })
        var writer = try SnapshotWriter(
            on: store.disk, directory: store.snapshots.path, header: header, pacing: pacing)
        for record in image {
            var bytes: [UInt8] = []
            encode(record, into: &bytes)
            try writer.append(.nodes, recordCount: 1, bytes: bytes.span)
        }
        return writer
    }
}
