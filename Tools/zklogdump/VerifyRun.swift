import Disk
import Identifiers
import Metadata
import TransactionLog

/// Checks every byte that counts and says what is wrong, segment by segment.
struct VerifyRun {
    let source: LogSource
    let asJSON: Bool

    func run() throws(DumpFailure) -> ExitStatus {
        var output = Output()
        if case .directory(let path) = source {
            output.write(slotsText(try LogSource.metadata(in: path), path))
        }
        let tally = SegmentTally(asJSON: asJSON)
        let report = try source.settledScan(after: { .zero }) { header, _ in
            if let line = tally.note(header) { Output.progress(line) }
        }
        for segment in report.segments { output.write(tally.text(segment)) }
        output.write(verdictText(report))
        output.flush()
        return report.verdict.isSafe ? .sound : .damaged
    }

    private func slotsText(_ metadata: StoreMetadata, _ path: String) -> String {
        let mark = metadata.watermark
        guard asJSON else {
            return "slots \(path)/meta: segments \(metadata.firstNeededSegment)...\(metadata.newestSegment), "
                + "durable at least to \(mark)"
                + (metadata.isCleanStop ? ", clean stop" : "")
                + (metadata.truncation.map { ", being truncated after zxid \($0.lastKeptZxid)" } ?? "") + "\n"
        }
        var object = JSONObject()
        object.add("slots", "\(path)/meta")
        object.add("firstNeededSegment", Int64(clamping: metadata.firstNeededSegment))
        object.add("newestSegment", Int64(clamping: metadata.newestSegment))
        object.add("watermark", "\(mark.lastZxid)")
        object.add("isCleanStop", metadata.isCleanStop)
        return object.text + "\n"
    }

    private func verdictText(_ report: RecoveryReport) -> String {
        guard asJSON else {
            return "\(report.scannedBatchCount) batches, \(report.scannedRecordCount) records, "
                + "last zxid \(report.end.lastZxid)\n\(report.verdict)\n"
        }
        var object = JSONObject()
        object.add("verdict", report.verdict.name)
        object.add("explanation", "\(report.verdict)")
        object.add("batches", Int64(report.scannedBatchCount))
        object.add("records", Int64(report.scannedRecordCount))
        object.add("lastZxid", "\(report.end.lastZxid)")
        return object.text + "\n"
    }
}

/// Counts what was found in each segment.
final class SegmentTally {
    fileprivate struct Count {
        var batches = 0
        var records = 0
        var first: Zxid?
        var last = Zxid.zero
    }

    private let asJSON: Bool
    private var counts: [UInt64: Count] = [:]
    private var current: UInt64?
    private var lastOrdinal: UInt64 = 0

    init(asJSON: Bool) { self.asJSON = asJSON }

    /// Counts a batch; returns a line when a segment begins.
    func note(_ header: BatchHeader) -> String? {
        // A scan that is repeated begins again.
        let isNew = current != header.segment || header.ordinal <= lastOrdinal
        lastOrdinal = header.ordinal
        if isNew { counts[header.segment] = Count() }
        current = header.segment
        counts[header.segment, default: Count()].add(header)
        return isNew ? "checking segment \(header.segment)" : nil
    }

    func text(_ segment: CatalogSegment) -> String {
        let count = counts[segment.sequence] ?? Count()
        guard asJSON else {
            return "segment \(segment.sequence): \(count.batches) batches, \(count.records) records"
                + (count.first.map { ", zxid \($0)...\(count.last)" } ?? "")
                + (segment.hasOneBadHeader ? ", ONE HEADER COPY IS DAMAGED" : "")
                + (segment.end == nil ? ", not read to its end" : "") + "\n"
        }
        var object = JSONObject()
        object.add("segment", Int64(clamping: segment.sequence))
        object.add("path", segment.path)
        object.add("batches", Int64(count.batches))
        object.add("records", Int64(count.records))
        object.add("hasOneBadHeader", segment.hasOneBadHeader)
        object.add("isReadToItsEnd", segment.end != nil)
        return object.text + "\n"
    }
}

extension SegmentTally.Count {
    fileprivate mutating func add(_ header: BatchHeader) {
        batches += 1
        records += Int(header.recordCount)
        guard header.recordCount > 0 else { return }
        first = first ?? header.firstZxid
        last = header.lastZxid
    }
}
