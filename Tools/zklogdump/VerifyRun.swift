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
        var damagedSlots: [Int] = []
        if case .directory(let path) = source {
            let found = try LogSource.slots(in: path)
            output.write(slotsText(found.metadata, path))
            metadata = found.metadata
            damagedSlots = found.damagedSlots
        }
        var tally = SegmentTally()
        let report = try source.settledScan(after: .zero) { header, _ in
            if tally.note(header) { OutputBuffer.progress("checking segment \(header.segment)") }
        }
        if !asJSON, !report.segments.isEmpty { output.write(SegmentTally.heading) }
        for segment in report.segments { output.write(tally.line(segment, asJSON: asJSON)) }
        for defect in report.harmlessDefects { output.write(harmlessText(defect)) }
        damagedSlots = try stillDamaged(damagedSlots)
        for slot in damagedSlots { output.write(slotText(slot)) }
        let verdict = judged(report, metadata)
        output.write(verdictText(verdict, tally, report.end.lastZxid))
        output.flush()
        let isWhole =
            report.harmlessDefects.isEmpty && damagedSlots.isEmpty
            && !report.segments.contains(where: \.hasOneBadHeader)
        return verdict.isSafe && isWhole ? .sound : .damaged
    }

    /// Of the slots that looked damaged before the log was read, those that still do: a server that was
    /// writing one of them has long finished it.
    private func stillDamaged(_ slots: [Int]) throws(DumpFailure) -> [Int] {
        guard case .directory(let path) = source, !slots.isEmpty else { return [] }
        return try LogSource.slots(in: path).damagedSlots.filter(slots.contains)
    }

    private func slotText(_ slot: Int) -> String {
        guard case .directory(let directory) = source else { return "" }
        let path = "\(directory)/\(MetadataSlots<KernelDisk>.fileName)"
        let offset = MetadataSlots<KernelDisk>.byteOffset(ofSlot: slot)
        guard asJSON else {
            return "DAMAGED at \(path), offset \(offset): one of two copies; a server starts and mends it\n"
        }
        var object = JSONObject()
        object.add("harmlessDamage", path)
        object.add("byteOffset", offset)
        object.add("reason", "slotCopy")
        return object.text + "\n"
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
            let segments =
                metadata.newestSegment == 0
                ? "no segment yet"
                : "segments \(max(1, metadata.firstNeededSegment))...\(metadata.newestSegment)"
            return "\(path)/meta\n"
                + "  \(segments), durable at least to zxid \(mark.lastZxid)"
                + (metadata.isCleanStop ? ", clean stop" : "") + "\n"
                + (newest.map { "  \(metadata.snapshots.count) snapshots, the newest to zxid \($0)\n" } ?? "")
                + (metadata.truncation.map { "  being truncated after zxid \($0.lastKeptZxid)\n" } ?? "")
                + (metadata.installation == nil ? "" : installationText(mark.lastZxid))
        }
        var object = JSONObject()
        object.add("slots", "\(path)/meta")
        object.add("firstNeededSegment", Int(clamping: metadata.firstNeededSegment))
        object.add("newestSegment", Int(clamping: metadata.newestSegment))
        object.add("watermark", "\(mark.lastZxid)")
        object.add("isCleanStop", metadata.isCleanStop)
        object.add("snapshots", metadata.snapshots.count)
        if let newest { object.add("newestSnapshot", "\(newest)") }
        if metadata.installation != nil { object.add("installation", "\(mark.lastZxid)") }
        if let truncation = metadata.truncation { object.add("truncation", "\(truncation.lastKeptZxid)") }
        return object.text + "\n"
    }

    private func installationText(_ zxid: Zxid) -> String {
        "  a snapshot of zxid \(zxid) is being installed; the next start finishes that\n"
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
