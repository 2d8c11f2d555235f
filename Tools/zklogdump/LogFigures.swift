import Identifiers
import Jute
import TransactionLog

/// What is counted in a log.
struct LogFigures {
    /// Records of one type, and the bytes they have before compression.
    struct Share {
        var recordCount = 0
        var byteCount = 0
    }

    private(set) var batchCount = 0
    /// Batches without records: idle promises, footers, clean stops.
    private(set) var markCount = 0
    private(set) var recordCount = 0
    /// Bytes of records with their frames, before and after compression.
    private(set) var rawByteCount = 0
    private(set) var payloadByteCount = 0
    /// With headers and padding.
    private(set) var fileByteCount = 0
    private(set) var recordByteCounts = Histogram()
    private(set) var batchRecordCounts = Histogram()
    private(set) var batchByteCounts = Histogram()
    private(set) var types: [String: Share] = [:]
    /// Operations inside of multis, by type.
    private(set) var partCounts: [String: Int] = [:]
    /// Refused requests, by error.
    private(set) var errorCounts: [String: Int] = [:]
    /// Changes below each parent.
    private(set) var parents = Busiest<String>()
    private(set) var sessions = Busiest<UInt64>()
    private(set) var openedSessionCount = 0
    private(set) var closedSessionCount = 0
    private(set) var timeline = Timeline()
    /// Of batches; milliseconds since 1970.
    private(set) var firstTime: Int64?
    private(set) var lastTime: Int64 = 0
    private(set) var firstZxid: Zxid?
    private(set) var lastZxid = Zxid.zero

    mutating func note(_ header: BatchHeader, _ payload: [UInt8]) {
        fileByteCount += header.batchByteCount
        guard header.kind == .data else {
            markCount += 1
            return
        }
        firstZxid = firstZxid ?? header.firstZxid
        lastZxid = header.lastZxid
        firstTime = firstTime ?? header.time
        lastTime = header.time
        batchCount += 1
        recordCount += Int(header.recordCount)
        rawByteCount += Int(header.rawByteCount)
        payloadByteCount += Int(header.storedByteCount)
        batchRecordCounts.record(UInt64(header.recordCount))
        batchByteCounts.record(UInt64(header.batchByteCount))
        timeline.note(
            recordCount: Int(header.recordCount), byteCount: Int(header.rawByteCount), at: header.time)
        LogBatch(header, payload: payload).forEachRecord { _, record in note(record) }
    }

    private mutating func note(_ record: RawSpan) {
        let byteCount = record.byteCount
        recordByteCounts.record(UInt64(byteCount))
        do {
            let transaction = try Transaction(record)
            note(transaction, byteCount: byteCount)
        } catch {
            types["unknown", default: Share()].add(byteCount)
        }
    }

    private mutating func note(_ transaction: Transaction, byteCount: Int) {
        let type = transaction.change.type
        types[type.name, default: Share()].add(byteCount)
        if transaction.header.sessionID != .none {
            let id = UInt64(bitPattern: transaction.header.sessionID.rawValue)
            sessions.note(id, byteCount: byteCount)
        }
        if type == .createSession { openedSessionCount += 1 }
        if type == .closeSession { closedSessionCount += 1 }
        note(transaction.change)
        // A refused multi changes nothing: its parts are errors.
        for part in transaction.parts {
            partCounts[part.type.name, default: 0] += 1
            note(part)
        }
    }

    private mutating func note(_ change: Transaction.Change) {
        // The parts of a refused multi that were not what it was refused for.
        let bystanders = [ErrorCode.ok.name, ErrorCode.runtimeInconsistency.name]
        for case (_, .word(let word)) in change.details
        where change.type == .error && !bystanders.contains(word) {
            errorCounts[word, default: 0] += 1
        }
        if let path = change.path, change.type != .check {
            parents.note(Self.parent(of: path), byteCount: change.dataByteCount ?? 0)
        }
        for path in change.removedPaths { parents.note(Self.parent(of: path), byteCount: 0) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            return "/"
        }
        return String(path[..<slash])
    }
}

extension LogFigures.Share {
    fileprivate mutating func add(_ byteCount: Int) {
        recordCount += 1
        self.byteCount += byteCount
    }
}

extension LogFigures {
    /// Seconds between the first batch and the last; at least a millisecond. Of any two times, those in a
    /// crafted file too.
    var spanSeconds: Double { max(1, Double(lastTime) - Double(firstTime ?? lastTime)) / 1000 }

    var compressionRatio: Double { Double(rawByteCount) / Double(max(1, payloadByteCount)) }

    /// Types by falling number of records.
    var typesByCount: [(name: String, share: Share)] {
        types.sorted { ($1.value.recordCount, $0.key) < ($0.value.recordCount, $1.key) }
            .map { ($0.key, $0.value) }
    }

    static func byCount(_ counts: [String: Int]) -> [(name: String, count: Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
