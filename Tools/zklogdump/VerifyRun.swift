import Disk
import DumpOutput
import Identifiers
import Metadata
import TransactionLog

/// Checks every byte that counts and says what is wrong, segment by segment.
struct VerifyRun {
    let source: LogSource
    let asJSON: Bool

    func run() throws(DumpFailure) -> ExitStatus {
        var output = OutputBuffer()
        var metadata: StoreMetadata?
        if case .directory(let path) = source {
            let found = try LogSource.metadata(in: path)
            output.write(slotsText(found, path))
            metadata = found
        }
        var tally = SegmentTally()
        let report = try source.settledScan(after: .zero) { header, _ in
            if tally.note(header) { OutputBuffer.progress("checking segment \(header.segment)") }
        }
        if !asJSON, !report.segments.isEmpty { output.write(SegmentTally.heading) }
        for segment in report.segments { output.write(tally.line(segment, asJSON: asJSON)) }
        for defect in report.harmlessDefects { output.write(harmlessText(defect)) }
        let verdict = judged(report, metadata)
        output.write(verdictText(verdict, tally, report.end.lastZxid))
        output.flush()
        return verdict.isSafe && report.harmlessDefects.isEmpty ? .sound : .damaged
    }

    private func harmlessText(_ defect: LogDefect) -> String {
        guard asJSON else { return "DAMAGED at \(defect): no record stood there, a server starts\n" }
        var object = JSONObject()
        object.add("harmlessDamage", defect.path)
        object.add("byteOffset", defect.byteOffset)
        object.add("reason", "\(defect.reason)")
        return object.text + "\n"
    }

    /// Evidence f: a scan of the whole log does not know what snapshots hold, but the slots do.
    private func judged(_ report: RecoveryReport, _ metadata: StoreMetadata?) -> LogVerdict {
        let newest = metadata?.snapshots.map(\.endZxid).max() ?? .zero
        guard report.verdict.isSafe, report.end.lastZxid < newest, let path = report.segments.last?.path
        else { return report.verdict }
        let defect = LogDefect(path: path, byteOffset: Int(report.end.byteOffset), reason: .batchTorn)
        return .suspectTail(defect, evidence: .snapshot, lastIntact: report.end.lastZxid)
    }

    private func slotsText(_ metadata: StoreMetadata, _ path: String) -> String {
        let mark = metadata.watermark
        let newest = metadata.snapshots.map(\.endZxid).max()
        guard asJSON else {
            return "\(path)/meta\n"
                + "  segments \(max(1, metadata.firstNeededSegment))...\(metadata.newestSegment), durable at least to "
                + "zxid \(mark.lastZxid)" + (metadata.isCleanStop ? ", clean stop" : "") + "\n"
                + (newest.map { "  \(metadata.snapshots.count) snapshots, the newest to zxid \($0)\n" } ?? "")
                + (metadata.truncation.map { "  being truncated after zxid \($0.lastKeptZxid)\n" } ?? "")
        }
        var object = JSONObject()
        object.add("slots", "\(path)/meta")
        object.add("firstNeededSegment", Int(clamping: metadata.firstNeededSegment))
        object.add("newestSegment", Int(clamping: metadata.newestSegment))
        object.add("watermark", "\(mark.lastZxid)")
        object.add("isCleanStop", metadata.isCleanStop)
        object.add("snapshots", metadata.snapshots.count)
        if let newest { object.add("newestSnapshot", "\(newest)") }
        if let truncation = metadata.truncation { object.add("truncation", "\(truncation.lastKeptZxid)") }
        return object.text + "\n"
    }

    private func verdictText(_ verdict: LogVerdict, _ tally: SegmentTally, _ lastZxid: Zxid) -> String {
        guard asJSON else {
            return "\(tally.batchCount) batches, \(tally.recordCount) records, last zxid \(lastZxid.dotted) "
                + "\(lastZxid)\n\(verdict)\n"
        }
        var object = JSONObject()
        object.add("verdict", verdict.name)
        object.add("explanation", "\(verdict)")
        object.add("batches", tally.batchCount)
        object.add("records", tally.recordCount)
        object.add("lastZxid", "\(lastZxid)")
        return object.text + "\n"
    }
}

/// Counts what was found in each segment.
struct SegmentTally {
    private struct Count {
        var batches = 0
        var records = 0
        var first: Zxid?
        var last = Zxid.zero
    }

    private var counts: [UInt64: Count] = [:]
    private(set) var batchCount = 0
    private(set) var recordCount = 0

    /// Counts a batch; true if it is the first one of its segment.
    mutating func note(_ header: BatchHeader) -> Bool {
        batchCount += 1
        recordCount += Int(header.recordCount)
        var count = counts[header.segment] ?? Count()
        defer { counts[header.segment] = count }
        count.batches += 1
        guard header.recordCount > 0 else { return count.batches == 1 }
        count.records += Int(header.recordCount)
        count.first = count.first ?? header.firstZxid
        count.last = header.lastZxid
        return count.batches == 1
    }

    static let heading = "segment   batches   records  zxids\n"

    func line(_ segment: CatalogSegment, asJSON: Bool) -> String {
        let count = counts[segment.sequence] ?? Count()
        guard asJSON else {
            var line = [7, 10, 10].enumerated().map { place, width in
                let text = "\([Int(clamping: segment.sequence), count.batches, count.records][place])"
                return String(repeating: " ", count: max(1, width - text.count)) + text
            }.joined()
            if let first = count.first { line += "  \(first)...\(count.last)" }
            if segment.hasOneBadHeader { line += "  ONE HEADER COPY IS DAMAGED" }
            if segment.end == nil { line += "  not read to its end" }
            return line + "\n"
        }
        var object = JSONObject()
        object.add("segment", Int(clamping: segment.sequence))
        object.add("path", segment.path)
        object.add("batches", count.batches)
        object.add("records", count.records)
        if let first = count.first {
            object.add("firstZxid", "\(first)")
            object.add("lastZxid", "\(count.last)")
        }
        object.add("hasOneBadHeader", segment.hasOneBadHeader)
        object.add("isReadToItsEnd", segment.end != nil)
        return object.text + "\n"
    }
}
