import Disk
import Identifiers
import Metadata

/// What a scan of the log found.
package struct RecoveryReport: Sendable {
    /// The segments that count, oldest first, each with its end.
    package var segments: [CatalogSegment]
    package var verdict: LogVerdict
    /// Where the log ends; meaningful if the verdict is safe.
    package var end: LogPosition
    package var scannedBatchCount = 0
    package var scannedRecordCount = 0
    /// The latest time that was read; what is written next is not older. Milliseconds since 1970.
    package var lastTime: Int64 = 0
    /// Damage that costs no record, and keeps no server from starting: to footers and idle promises.
    package var harmlessDefects: [LogDefect] = []
}

/// Reads a log from its oldest needed record to its end and judges it, by evidence only.
///
/// Reading only, so the server, `zklogdump --verify` and the tests share it. The decisions are those
/// of docs/recovery.md.
package struct LogRecovery<D: Disk> {
    package let directory: LogDirectory<D>
    package let metadata: StoreMetadata

    package init(_ directory: String, metadata: StoreMetadata, on disk: D) {
        self.directory = LogDirectory(directory, on: disk)
        self.metadata = metadata
    }

    /// Checks every batch that may hold records after `zxid`.
    ///
    /// - Parameter progress: called with each batch that was checked.
    package func scan(
        after zxid: Zxid, progress: (BatchHeader, [UInt8]) -> Void = { _, _ in }
    ) throws(DiskError) -> RecoveryReport {
        var (segments, order) = try directory.segments(metadata)
        var report = RecoveryReport(segments: [], verdict: .clean, end: metadata.watermark)
        if segments.isEmpty { report.end = endWithoutSegments }
        for index in segments.indices {
            let isLast = index == segments.count - 1
            // A segment whose successor begins at or below the zxid holds nothing that is asked for.
            if !isLast, let end = segments[index].end, end.lastZxid <= zxid {
                report.end = end
                continue
            }
            let declaredEnd = isLast ? cutInside(segments[index]) : segments[index].end
            let found = try scan(&segments[index], to: declaredEnd, &report, progress)
            report.end = found.end
            // A segment whose successor is missing may have been cut when it was sealed.
            let mayBeShort = !isLast || declaredEnd != nil || order != nil
            let verdict = mayBeShort ? found.verdict : try cutShort(segments[index], found)
            if let verdict {
                report.verdict = verdict
                // A torn segment ends where it was torn; readers must not look behind that.
                if verdict.isSafe { segments[index].end = found.end }
                break
            }
            segments[index].end = found.end
        }
        report.segments = segments
        guard report.verdict.isSafe else { return report }
        // That the last file there is ends with a torn batch says nothing for files that are missing.
        report.verdict =
            order?.reaching(report.end.lastZxid) ?? judgeEnd(report, snapshot: zxid)
        return report
    }

    /// Checks one segment alone, by what stands in it: evidence a, d and e.
    package static func scanFile(
        _ segment: CatalogSegment, on disk: D, progress: (BatchHeader, [UInt8]) -> Void = { _, _ in }
    ) throws(DiskError) -> RecoveryReport {
        let recovery = LogRecovery(".", metadata: StoreMetadata(storeID: segment.header.storeID), on: disk)
        var segment = segment
        var report = RecoveryReport(segments: [], verdict: .clean, end: segment.header.firstPosition)
        let found = try recovery.scan(&segment, to: nil, &report, progress)
        segment.end = found.end
        report.end = found.end
        report.verdict = found.verdict ?? .clean
        report.segments = [segment]
        return report
    }

    /// Evidence g: a segment's size is durable before its name, and only segments that have a successor
    /// are cut behind their last block. So a shorter last one has lost what stood there, whatever it was.
    private func cutShort(
        _ segment: CatalogSegment, _ found: (end: LogPosition, verdict: LogVerdict?)
    ) throws(DiskError) -> LogVerdict? {
        guard found.verdict?.isSafe ?? true else { return found.verdict }
        let byteCount = try directory.disk.open(segment.path, access: .read).byteCount()
        guard UInt64(byteCount) < segment.header.capacity else { return found.verdict }
        let defect = LogDefect(path: segment.path, byteOffset: byteCount, reason: .fileCutShort)
        return .suspectTail(defect, evidence: .size, lastIntact: found.end.lastZxid)
    }

    /// Where a log ends of which there is no segment. Before the first one is named it ends where the slots
    /// let it begin: at the store's beginning, or behind the snapshot that was installed.
    private var endWithoutSegments: LogPosition {
        if let cut = metadata.truncation?.cut { return cut }
        return metadata.newestSegment == 0 ? metadata.watermark : .start
    }

    /// The end that an unfinished truncation gives the segment it cuts.
    private func cutInside(_ segment: CatalogSegment) -> LogPosition? {
        guard let intent = metadata.truncation, intent.cut.segment == segment.sequence else { return nil }
        return intent.cut
    }

    private func scan(
        _ segment: inout CatalogSegment, to declaredEnd: LogPosition?, _ report: inout RecoveryReport,
        _ progress: (BatchHeader, [UInt8]) -> Void
    ) throws(DiskError) -> (end: LogPosition, verdict: LogVerdict?) {
        let file = try directory.disk.open(segment.path, access: .read)
        let reader = try BatchReader<D>(file, header: segment.header)
        var position = segment.header.firstPosition
        segment.index = SparseIndex()
        report.lastTime = max(report.lastTime, segment.header.creationTime)
        while position != declaredEnd {
            if let declaredEnd, position.ordinal >= declaredEnd.ordinal {
                return (position, damage(.discontinuous, at: position, in: segment, reader, declaredEnd))
            }
            switch reader.batch(at: position) {
            case .batch(let header, let payload):
                segment.index.note(position, time: header.time)
                report.scannedBatchCount += 1
                report.lastTime = max(report.lastTime, header.time)
                report.scannedRecordCount += Int(header.recordCount)
                progress(header, payload)
                position = header.end
            case .empty:
                // Nothing stands here: unless something promises a batch, the log just ends.
                let verdict = damageOrTail(.batchTorn, at: position, in: segment, reader, declaredEnd)
                guard pass(verdict, &position, reader, declaredEnd, &report) else {
                    return (position, verdict)
                }
            case .defect(let reason):
                let verdict = damageOrTail(reason, at: position, in: segment, reader, declaredEnd)
                guard pass(verdict, &position, reader, declaredEnd, &report) else {
                    return (position, verdict)
                }
            }
        }
        return (position, nil)
    }

    /// Goes on behind damage that costs no record; false if there is none or it may cost one.
    private func pass(
        _ verdict: LogVerdict?, _ position: inout LogPosition, _ reader: BatchReader<D>,
        _ declaredEnd: LogPosition?, _ report: inout RecoveryReport
    ) -> Bool {
        guard let defect = verdict?.damage,
            let next = reader.boundary(behindDamageAt: position, declaredEnd: declaredEnd)
        else { return false }
        report.harmlessDefects.append(defect)
        position = next
        return true
    }

    /// Damage if anything promises a batch at `position`; torn if bytes stand there; nil if none do.
    private func damageOrTail(
        _ reason: LogDefect.Reason, at position: LogPosition, in segment: CatalogSegment,
        _ reader: BatchReader<D>, _ declaredEnd: LogPosition?
    ) -> LogVerdict? {
        if let verdict = damage(reason, at: position, in: segment, reader, declaredEnd) { return verdict }
        let defect = LogDefect(path: segment.path, byteOffset: Int(position.byteOffset), reason: reason)
        return reader.hasBytes(from: position) ? .torn(defect) : nil
    }

    /// Evidence a, b and d; the slots (c) are judged at the end.
    private func damage(
        _ reason: LogDefect.Reason, at position: LogPosition, in segment: CatalogSegment,
        _ reader: BatchReader<D>, _ declaredEnd: LogPosition?
    ) -> LogVerdict? {
        let defect = LogDefect(path: segment.path, byteOffset: Int(position.byteOffset), reason: reason)
        let last = position.lastZxid
        let later = reader.promises(from: position)
        if let declaredEnd {
            return .damagedMiddle(
                defect, evidence: .successor, lastIntact: last, nextIntact: later.next ?? declaredEnd.lastZxid
            )
        }
        if later.isPromised {
            return .damagedMiddle(defect, evidence: .laterBatch, lastIntact: last, nextIntact: later.next)
        }
        if later.isSealed { return .suspectTail(defect, evidence: .seal, lastIntact: last) }
        return nil
    }

    /// Evidence c and f: what the slots and the snapshot know of the end.
    private func judgeEnd(_ report: RecoveryReport, snapshot: Zxid) -> LogVerdict {
        let known = metadata.watermark
        let path = report.segments.last?.path ?? directory.directory
        let defect: LogDefect
        if case .torn(let torn) = report.verdict {
            defect = torn
        } else {
            defect = LogDefect(path: path, byteOffset: Int(report.end.byteOffset), reason: .batchTorn)
        }
        let isShort = metadata.truncation == nil && report.end.ordinal < known.ordinal
        // Nothing is written after a clean stop, so nothing can be torn behind it either.
        let isEndKnown = report.end.ordinal == known.ordinal && report.end.chain == known.chain
        let isChangedAfterStop = metadata.isCleanStop && (!isEndKnown || report.verdict != .clean)
        if isShort || isChangedAfterStop {
            return .suspectTail(defect, evidence: .slots, lastIntact: report.end.lastZxid)
        }
        // What an unfinished truncation keeps of a divided batch stands behind the cut.
        guard max(report.end.lastZxid, metadata.truncation?.lastKeptZxid ?? .zero) >= snapshot else {
            return .suspectTail(defect, evidence: .snapshot, lastIntact: report.end.lastZxid)
        }
        return report.verdict
    }
}
