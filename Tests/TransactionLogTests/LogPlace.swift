import Disk
import Identifiers
import Metadata
import Simulation
import Synchronization
import TransactionLog

/// A record as a reader gets it.
struct Record: Equatable {
    var zxid: Zxid
    var bytes: [UInt8]

    init(_ zxid: Zxid, _ bytes: [UInt8]) {
        self.zxid = zxid
        self.bytes = bytes
    }

    init(_ zxid: Zxid, _ span: RawSpan) {
        self.init(zxid, span.withUnsafeBytes { Array($0) })
    }

    /// The record that tests write as number `number` of epoch 1.
    init(_ number: Int) { self.init(numbered(number), Array("record \(number)".utf8)) }
}

/// The zxid with counter `number` in epoch 1.
func numbered(_ number: Int) -> Zxid { Zxid(epoch: Epoch(rawValue: 1), counter: UInt32(number)) }

func records(_ numbers: ClosedRange<Int>) -> [Record] { numbers.map { Record($0) } }

/// The same random numbers in every run.
final class RandomSource: Sendable {
    private let state: Mutex<SeededRandom>

    init(seed: UInt64) { state = Mutex(SeededRandom(seed: seed)) }

    func next() -> UInt64 { state.withLock { $0.next() } }
}

/// A log's directory on some disk, and what tests do with it as a whole.
struct LogPlace<D: Disk> {
    static var time: Int64 { 1_700_000_000_000 }
    static var storeID: UInt128 { 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100 }

    let disk: D
    let path: String
    var configuration: LogConfiguration

    /// - Parameter segmentByteCount: 32 KiB take four small batches, footer and seal.
    init(
        _ disk: D, path: String = "log", segmentByteCount: Int = 32 * 1024, ringByteCount: Int = 1024 * 1024,
        seed: UInt64 = 1
    ) {
        self.disk = disk
        self.path = path
        let source = RandomSource(seed: seed)
        configuration = LogConfiguration(random: { source.next() })
        configuration.segmentByteCount = segmentByteCount
        configuration.ringByteCount = ringByteCount
    }

    /// Creates directory and slots.
    func create() throws {
        try disk.makeDirectory(path)
        try MetadataSlots.create(in: path, metadata: StoreMetadata(storeID: Self.storeID), on: disk)
    }

    func open(
        after zxid: Zxid = .zero, time: Int64 = Self.time
    ) throws -> (log: TransactionLog<D>, report: LogOpeningReport) {
        let slots = try MetadataSlots(opening: path, on: disk)
        try slots.commit { $0.incarnation += 1 }
        return try TransactionLog.open(
            path, slots: slots, after: zxid, configuration: configuration, time: time, on: disk)
    }

    /// Creates the log and opens it.
    func make() throws -> TransactionLog<D> {
        try create()
        return try open().log
    }

    /// What recovery says, and the records that it delivers meanwhile.
    func scan(after zxid: Zxid = .zero) throws -> (report: RecoveryReport, records: [Record]) {
        let metadata = try MetadataSlots.read(in: path, on: disk)
        var found: [Record] = []
        let report = try LogRecovery(path, metadata: metadata, on: disk).scan(after: zxid) {
            header, payload in
            guard header.kind == .data else { return }
            LogBatch(header, payload: payload).forEachRecord(after: zxid) { found.append(Record($0, $1)) }
        }
        return (report, found)
    }

    func truncate(lastKept zxid: Zxid) throws {
        let truncation = LogTruncation(
            path, slots: try MetadataSlots(opening: path, on: disk), configuration: configuration, on: disk)
        try truncation.finish()
        try truncation.decide(lastKept: zxid)
    }

    /// The paths of the live segments, oldest first.
    func segmentPaths() throws -> [String] {
        try LogDirectory(path, on: disk).files().compactMap { name in
            guard case .live = name else { return nil }
            return "\(path)/\(name.text)"
        }
    }
}

extension TransactionLog {
    /// Appends the numbered records as one batch.
    @discardableResult
    func append(
        _ numbers: ClosedRange<Int>, time: Int64 = 1_700_000_000_000, committed: Zxid = .zero,
        bytes: (Int) -> [UInt8] = { Record($0).bytes }
    ) throws(LogError) -> LogBatch {
        var buffer = RecordBuffer()
        for number in numbers {
            let record = bytes(number)
            buffer.append(zxid: numbered(number), record.span.bytes)
        }
        return try commit(buffer, time: time, committed: committed)
    }

    func promise(time: Int64 = 1_700_000_000_000) throws(LogError) {
        try writeIdlePromise(time: time, committed: .zero)
    }
}

extension LogCursor {
    /// All records up to the end for now.
    func rest() throws(LogError) -> [Record] {
        var found: [Record] = []
        while let slice = try next() { slice.forEachRecord { found.append(Record($0, $1)) } }
        return found
    }
}

extension LogVerdict {
    /// The name with the evidence's letter, as in docs/recovery.md: `SUSPECT-TAIL c`.
    var short: String {
        switch self {
        case .clean, .torn: name
        case .damagedMiddle(_, let evidence, _, _), .suspectTail(_, let evidence, _):
            "\(name) \(evidence.rawValue)"
        }
    }

    var defect: LogDefect? {
        switch self {
        case .clean: nil
        case .torn(let defect), .damagedMiddle(let defect, _, _, _), .suspectTail(let defect, _, _): defect
        }
    }
}
