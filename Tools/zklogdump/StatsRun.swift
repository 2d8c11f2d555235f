import Identifiers
import Jute
import TransactionLog

/// Counts what the log holds.
final class StatsRun {
    private let source: LogSource
    private let asJSON: Bool
    private var batchCount = 0
    private var markCount = 0
    private var recordCount = 0
    private var rawByteCount = 0
    private var payloadByteCount = 0
    private var fileByteCount = 0
    private var recordByteCounts = Histogram()
    private var batchRecordCounts = Histogram()
    private var batchByteCounts = Histogram()
    private var types: [String: Int] = [:]
    private var sessions: Set<SessionID> = []
    private var firstTime: Int64?
    private var lastTime: Int64 = 0
    private var lastZxid = Zxid.zero

    init(source: LogSource, asJSON: Bool) {
        self.source = source
        self.asJSON = asJSON
    }

    func run() throws(DumpFailure) -> ExitStatus {
        let report = try source.settledScan(after: { self.lastZxid }) { header, payload in
            note(header, payload)
        }
        var output = Output()
        output.write(asJSON ? json(report) : text(report))
        output.flush()
        return report.verdict.isSafe ? .sound : .damaged
    }

    private func note(_ header: BatchHeader, _ payload: [UInt8]) {
        fileByteCount += header.batchByteCount
        guard header.kind == .data else {
            markCount += 1
            return
        }
        guard header.lastZxid > lastZxid else { return }
        lastZxid = header.lastZxid
        batchCount += 1
        recordCount += Int(header.recordCount)
        rawByteCount += Int(header.rawByteCount)
        payloadByteCount += Int(header.storedByteCount)
        batchRecordCounts.record(UInt64(header.recordCount))
        batchByteCounts.record(UInt64(header.batchByteCount))
        firstTime = firstTime ?? header.time
        lastTime = header.time
        LogBatch(header, payload: payload).forEachRecord { _, record in
            recordByteCounts.record(UInt64(record.byteCount))
            do {
                let transaction = try Transaction(record)
                types[transaction.change.type.name, default: 0] += 1
                sessions.insert(transaction.header.sessionID)
            } catch {
                types["unknown", default: 0] += 1
            }
        }
    }

    private var span: Double { Double(max(1, lastTime - (firstTime ?? lastTime))) / 1000 }

    private var ratio: Double { Double(rawByteCount) / Double(max(1, payloadByteCount)) }

    private func text(_ report: RecoveryReport) -> String {
        var lines = [
            "segments      \(report.segments.count)",
            "records       \(recordCount) in \(batchCount) batches, and \(markCount) batches without records",
            "bytes         \(rawByteCount) of records, stored in \(payloadByteCount) (\(rounded(ratio)) : 1), "
                + "\(fileByteCount) with headers and padding",
            "sessions      \(sessions.count)",
        ]
        if let firstTime {
            lines.append("time          \(CivilTime.text(firstTime)) to \(CivilTime.text(lastTime))")
            lines.append(
                "rate          \(rounded(Double(batchCount) / span)) batches and "
                    + "\(rounded(Double(recordCount) / span)) records a second")
        }
        lines.append("record bytes  \(percentiles(recordByteCounts))")
        lines.append("batch records \(percentiles(batchRecordCounts))")
        lines.append("batch bytes   \(percentiles(batchByteCounts))")
        for (type, count) in sortedTypes { lines.append("type          \(count) \(type)") }
        lines.append("\(report.verdict)")
        return lines.joined(separator: "\n") + "\n"
    }

    private var sortedTypes: [(String, Int)] {
        types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private func json(_ report: RecoveryReport) -> String {
        var object = JSONObject()
        object.add("segments", Int64(report.segments.count))
        object.add("records", Int64(recordCount))
        object.add("batches", Int64(batchCount))
        object.add("marks", Int64(markCount))
        object.add("rawBytes", Int64(rawByteCount))
        object.add("storedBytes", Int64(payloadByteCount))
        object.add("fileBytes", Int64(fileByteCount))
        object.add("sessions", Int64(sessions.count))
        if let firstTime {
            object.add("firstTime", firstTime)
            object.add("lastTime", lastTime)
        }
        var counts = JSONObject()
        for (type, count) in sortedTypes { counts.add(type, Int64(count)) }
        object.add("types", object: counts)
        object.add("verdict", report.verdict.name)
        return object.text + "\n"
    }

    private func percentiles(_ histogram: Histogram) -> String {
        [0.5, 0.9, 0.99].map { "p\(Int($0 * 100)) \(histogram.percentile($0))" }.joined(separator: ", ")
            + ", max \(histogram.max)"
    }

    private func rounded(_ value: Double) -> String { String((value * 10).rounded() / 10) }
}
