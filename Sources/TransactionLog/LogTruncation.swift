import Disk
import Identifiers
import Metadata

/// Forgetting everything after a zxid: a commit in the slots, then file operations that are redone
/// at start until they are finished (storage design C10). Nothing is overwritten in place.
package struct LogTruncation<D: Disk> {
    private let directory: LogDirectory<D>
    private let slots: MetadataSlots<D>
    private let disk: D
    private let configuration: LogConfiguration

    package init(
        _ directory: String, slots: MetadataSlots<D>, configuration: LogConfiguration, on disk: D
    ) {
        self.directory = LogDirectory(directory, on: disk)
        self.slots = slots
        self.configuration = configuration
        self.disk = disk
    }

    /// Decides the truncation. It is done as far as any reader is concerned when this returns; call
    /// `finish`, or open the log, to bring the files in line. The log must not be open for appending.
    ///
    /// Does nothing if the log has no record after `zxid`.
    package func decide(lastKept zxid: Zxid) throws(LogError) {
        guard slots.metadata.truncation == nil else {
            preconditionFailure("finish the last truncation first")
        }
        // Names need no sync here: a segment gets its first record after its name is durable.
        do throws(DiskError) {
            try directory.syncFiles(for: .segmentsSyncedBeforeTruncation)
        } catch {
            throw .disk(error)
        }
        let report = try scan(after: zxid)
        switch report.verdict {
        case .clean, .torn: break
        // The log ends before the zxid: there is nothing to forget.
        case .suspectTail(_, evidence: .snapshot, _): return
        case .damagedMiddle(let defect, _, _, _), .suspectTail(let defect, _, _): throw .damaged(defect)
        }
        guard zxid < report.end.lastZxid else { return }
        let (cut, lastKept) = try cutPosition(for: zxid, in: report)
        let sequences = try files().map(\.sequence)
        let successor = max(sequences.max() ?? 0, slots.metadata.newestSegment) + 1
        let intent = TruncationIntent(lastKeptZxid: lastKept, cut: cut, successor: successor)
        if !disk.observes(.intentBeforeRename) { try setAside(intent) }
        try commit { metadata in
            metadata.truncation = intent
            metadata.isCleanStop = false
            metadata.snapshots.removeAll { $0.endZxid > zxid }
        }
    }

    /// Throws what would keep `finish` from its end, and changes nothing.
    package func check() throws(LogError) {
        guard let intent = slots.metadata.truncation else { return }
        if try existingSuccessor(intent) == nil { _ = try keptRecords(intent) }
    }

    /// Does what the slots have decided; harmless when there is nothing to do or half of it is done.
    package func finish() throws(LogError) {
        guard let intent = slots.metadata.truncation else { return }
        if !disk.observes(.successorBeforeIntentCleared) { try clear(intent, end: intent.cut) }
        let end = try createSuccessor(intent)
        try setAside(intent)
        try clear(intent, end: end)
    }

    private func clear(_ intent: TruncationIntent, end: LogPosition) throws(LogError) {
        try commit { metadata in
            metadata.truncation = nil
            metadata.newestSegment = intent.successor
            metadata.watermark = end
        }
    }

    /// The end of the last batch that has no record after `zxid`, and the last record up to it.
    private func cutPosition(
        for zxid: Zxid, in report: RecoveryReport
    ) throws(LogError) -> (cut: LogPosition, lastKept: Zxid) {
        guard let segment = report.segments.last(where: { $0.baseZxid <= zxid }) else {
            throw .purged(wanted: zxid, oldestRetained: report.segments.first?.baseZxid ?? .zero)
        }
        var cut = segment.header.firstPosition
        var lastKept = cut.lastZxid
        let end = segment.end ?? report.end
        try forEachBatch(of: segment, to: end) { batch in
            if batch.lastZxid <= zxid { cut = batch.end }
            batch.forEachRecord { record, _ in
                if record <= zxid { lastKept = max(lastKept, record) }
            }
        }
        return (cut, lastKept)
    }

    /// Creates the segment in which the log goes on; it begins with the kept part of a divided batch.
    private func createSuccessor(_ intent: TruncationIntent) throws(LogError) -> LogPosition {
        if let end = try existingSuccessor(intent) { return end }
        let (kept, time) = try keptRecords(intent)
        let sequence = intent.successor
        let creation = SegmentCreation(
            directory: directory, storeID: slots.metadata.storeID, nonce: configuration.nonce(),
            segmentByteCount: configuration.segmentByteCount)
        do {
            let prepared = SegmentName.prepared(sequence: sequence)
            if try disk.contains(prepared.text, in: directory.directory) {
                try disk.unlink(directory.path(prepared))
            }
            try SegmentSupply.writeZeroes(
                directory.path(prepared), byteCount: configuration.segmentByteCount, on: disk,
                for: .successorZeroesSynced)
            let writer = try creation.create(
                sequence: sequence, predecessor: intent.cut, firstZxid: intent.cut.lastZxid,
                epoch: intent.cut.lastZxid.epoch,
                time: time, headerRule: .successorHeaderSynced
            ) { writer throws(DiskError) in
                guard !kept.isEmpty else { return }
                try append(kept, to: &writer, time: time)
            }
            return writer.position
        } catch {
            throw .disk(error)
        }
    }

    /// The end of the successor, if it has been made already.
    private func existingSuccessor(_ intent: TruncationIntent) throws(LogError) -> LogPosition? {
        guard let existing = try segment(intent.successor) else { return nil }
        let end = try end(of: existing)
        try check(end.lastZxid, intent, in: existing)
        return end
    }

    /// The records of a divided batch that stay, and when they were written.
    ///
    /// Throws if they do not all read: they were there when the truncation was decided, and a successor
    /// without them would lose them for good.
    private func keptRecords(
        _ intent: TruncationIntent
    ) throws(LogError) -> (records: RecordBuffer, time: Int64) {
        var kept = RecordBuffer()
        guard let segment = try segment(intent.cut.segment) else {
            let path = "\(directory.directory)/seg-\(intent.cut.segment)"
            throw .damaged(LogDefect(path: path, byteOffset: 0, reason: .missingSegment))
        }
        var time = segment.header.creationTime
        try forEachBatch(of: segment, to: intent.cut) { time = $0.time }
        try forEachBatch(of: segment, from: intent.cut, to: nil) { batch in
            guard batch.firstZxid <= intent.lastKeptZxid else { return }
            time = batch.time
            batch.forEachRecord(after: intent.cut.lastZxid) { zxid, record in
                if zxid <= intent.lastKeptZxid { kept.append(zxid: zxid, record) }
            }
        }
        try check(max(kept.lastZxid, intent.cut.lastZxid), intent, in: segment)
        return (kept, time)
    }

    private func check(
        _ last: Zxid, _ intent: TruncationIntent, in segment: CatalogSegment
    ) throws(LogError) {
        guard last != intent.lastKeptZxid else { return }
        let offset =
            segment.sequence == intent.successor ? LogFormat.headerByteCount : Int(intent.cut.byteOffset)
        throw .damaged(LogDefect(path: segment.path, byteOffset: offset, reason: .batchChecksum))
    }

    private func append(
        _ kept: RecordBuffer, to writer: inout SegmentWriter<D>, time: Int64
    ) throws(DiskError) {
        var encoder = BatchEncoder()
        let frame = BatchEncoder.Frame(
            kind: .data, position: writer.position, firstZxid: kept.firstZxid, lastZxid: kept.lastZxid,
            recordCount: kept.recordCount, time: time, durableEnd: writer.position.ordinal,
            committedZxid: kept.lastZxid)
        var kept = kept
        let header = encoder.encode(frame, payload: kept.payload, in: writer.segment.header)
        try writer.append(header, image: encoder.image(of: header), for: .keptRecordsSynced)
    }

    /// Takes the live names from the segments between the cut and the successor.
    private func setAside(_ intent: TruncationIntent) throws(LogError) {
        do {
            for name in try directory.files() {
                guard case .live(let sequence, _) = name, sequence > intent.cut.segment,
                    sequence < intent.successor
                else { continue }
                let aside = SegmentName.setAside(sequence: sequence, successor: intent.successor)
                try disk.rename(directory.path(name), to: directory.path(aside))
            }
            try disk.syncDirectory(directory.directory, for: .truncationRenamesSynced)
        } catch {
            throw .disk(error)
        }
    }

    // MARK: Reading

    private func files() throws(LogError) -> [SegmentName] {
        do { return try directory.files() } catch { throw .disk(error) }
    }

    private func scan(after zxid: Zxid) throws(LogError) -> RecoveryReport {
        do {
            return try LogRecovery(directory.directory, metadata: slots.metadata, on: disk).scan(after: zxid)
        } catch {
            throw .disk(error)
        }
    }

    /// The live segment with a sequence number; nil if there is none.
    private func segment(_ sequence: UInt64) throws(LogError) -> CatalogSegment? {
        for name in try files() {
            guard case .live(sequence, _) = name else { continue }
            do {
                return try directory.header(
                    directory.path(name), sequence: sequence, storeID: slots.metadata.storeID
                )
                .get()
            } catch let error as DiskError {
                throw .disk(error)
            } catch let defect as LogDefect {
                throw .damaged(defect)
            } catch {
                preconditionFailure("no other error is thrown: \(error)")
            }
        }
        return nil
    }

    private func end(of segment: CatalogSegment) throws(LogError) -> LogPosition {
        var end = segment.header.firstPosition
        try forEachBatch(of: segment, to: nil) { end = $0.end }
        return end
    }

    /// Calls `body` with each data batch up to `end`, or up to the first place where none stands. Steps
    /// over damage that costs no record, as recovery did.
    private func forEachBatch(
        of segment: CatalogSegment, from start: LogPosition? = nil, to end: LogPosition?,
        _ body: (LogBatch) -> Void
    ) throws(LogError) {
        do {
            let reader = try BatchReader<D>(disk.open(segment.path, access: .read), header: segment.header)
            var position = start ?? segment.header.firstPosition
            while end.map({ position.ordinal < $0.ordinal }) ?? true {
                if case .batch(let header, let payload) = reader.batch(at: position) {
                    position = header.end
                    if header.kind == .data { body(LogBatch(header, payload: payload)) }
                } else if let next = reader.boundary(behindDamageAt: position, declaredEnd: end) {
                    position = next
                } else {
                    return
                }
            }
        } catch {
            throw .disk(error)
        }
    }

    private func commit(_ change: (inout StoreMetadata) -> Void) throws(LogError) {
        do { try slots.commit(change) } catch { throw .metadata(error) }
    }
}
