import Disk
import Identifiers
import Metadata

/// Why a log was not opened: what recovery found, and what the operator should do.
package struct LogRefusal: Error, Sendable {
    package var report: RecoveryReport
    package var verdict: LogVerdict { report.verdict }
}

/// What opening a log did besides reading it.
package struct LogOpeningReport: Sendable {
    package var recovery: RecoveryReport
    /// Where the bytes of a torn batch were put; nil if nothing was cut, or the disk has no room for them.
    package var cutBytesPath: String?
    /// Segments one of whose two headers was rewritten from the other.
    package var repairedHeaderPaths: [String] = []
}

extension TransactionLog {
    /// Opens the log for appending: judges it, and only then changes something: finishes a truncation,
    /// cuts a torn tail, and goes on in a new segment.
    ///
    /// The caller holds the directory's lock.
    /// - Parameters:
    ///   - zxid: records up to it are not needed (a snapshot has them) and are not checked.
    ///   - admitted: called when the log may be opened and nothing is changed yet; a new incarnation must
    ///     stand in the slots when it returns.
    /// - Throws: `LogRefusal` if the verdict is not safe; `LogError.purged` if the log begins after
    ///   `zxid`; `LogError.damaged` if a truncation cannot be finished; all three before anything is
    ///   changed. Other errors if the disk fails.
    package static func open(
        _ path: String, slots: MetadataSlots<D>, after zxid: Zxid, configuration: LogConfiguration,
        time: Int64, on disk: D, admitted: () throws -> Void = {}
    ) throws -> (log: TransactionLog, report: LogOpeningReport) {
        let directory = LogDirectory(path, on: disk)
        try directory.syncFiles(for: .segmentsSyncedBeforeRead)
        try disk.syncDirectory(path, for: .namesSyncedBeforeRead)
        let truncation = LogTruncation(path, slots: slots, configuration: configuration, on: disk)
        var recovery = try judge(path, slots.metadata, after: zxid, on: disk)
        try truncation.check()
        try admitted()
        if slots.metadata.truncation != nil {
            try truncation.finish()
            recovery = try judge(path, slots.metadata, after: zxid, on: disk)
        }
        try removeLeftovers(in: directory, slots.metadata, on: disk)
        var report = LogOpeningReport(recovery: recovery)
        if case .torn(let defect) = recovery.verdict {
            do throws(DiskError) {
                report.cutBytesPath = try CutBytes(path, on: disk).keep(defect, end: recovery.end)
            } catch {
                // Nobody was told of these bytes; a disk that has no room for them must not refuse the start.
                guard error.isDiskFull else { throw error }
            }
        }
        report.repairedHeaderPaths = try repairHeaders(recovery.segments, on: disk)
        let log = try begin(
            after: recovery, in: directory, slots: slots, configuration: configuration,
            time: max(time, recovery.lastTime), on: disk)
        return (log, report)
    }

    /// Reads the log and throws if it must not be opened.
    private static func judge(
        _ path: String, _ metadata: StoreMetadata, after zxid: Zxid, on disk: D
    ) throws -> RecoveryReport {
        let recovery = try LogRecovery(path, metadata: metadata, on: disk).scan(after: zxid)
        guard recovery.verdict.isSafe else { throw LogRefusal(report: recovery) }
        // A log that begins behind an installed snapshot may have no segment yet.
        let base = metadata.truncation == nil ? recovery.end.lastZxid : .zero
        let oldest = recovery.segments.first?.baseZxid ?? base
        if oldest > zxid {
            throw LogError.purged(wanted: zxid, oldestRetained: oldest)
        }
        return recovery
    }

    /// Prepared segments of the last run may not be zeroed to their end; purged ones may have come back.
    private static func removeLeftovers(
        in directory: LogDirectory<D>, _ metadata: StoreMetadata, on disk: D
    ) throws(DiskError) {
        let prepared = try directory.files().filter { if case .prepared = $0 { true } else { false } }
        try disk.unlink(prepared.map(\.text), in: directory.directory)
        try removeFiles(below: metadata.firstNeededSegment, in: directory, on: disk)
    }

    /// Rewrites a copy of a header that does not read from the one that does.
    private static func repairHeaders(
        _ segments: [CatalogSegment], on disk: D
    ) throws(DiskError) -> [String] {
        var repaired: [String] = []
        for segment in segments where segment.hasOneBadHeader {
            let file = try disk.open(segment.path, access: .durable)
            let image = AlignedBuffer(byteCount: LogFormat.headerByteCount)
            segment.header.encode().withUnsafeBytes { image.bytes.copyMemory(from: $0) }
            try file.writeDurably(UnsafeRawBufferPointer(image.bytes), at: 0, for: .headerMendingSynced)
            repaired.append(segment.path)
        }
        return repaired
    }

    /// Creates the segment in which this incarnation appends. The old tail is never written again.
    private static func begin(
        after recovery: RecoveryReport, in directory: LogDirectory<D>, slots: MetadataSlots<D>,
        configuration: LogConfiguration, time: Int64, on disk: D
    ) throws -> TransactionLog {
        let highest = max(
            try directory.files().map(\.sequence).max() ?? 0, slots.metadata.watermark.segment)
        let supply = SegmentSupply(
            directory, segmentByteCount: configuration.segmentByteCount,
            firstSequence: max(highest, slots.metadata.newestSegment) + 1)
        guard let (sequence, byteCount) = try supply.prepareFirst() else { throw LogError.noSpace }
        let creation = SegmentCreation(
            directory: directory, storeID: slots.metadata.storeID, nonce: configuration.nonce(),
            segmentByteCount: byteCount)
        let first = recovery.end.lastZxid.next ?? recovery.end.lastZxid
        if !disk.observes(.openedNameBeforeSlots) {
            try name(sequence, end: recovery.end, in: slots, on: disk)
        }
        let writer = try creation.create(
            sequence: sequence, predecessor: recovery.end, firstZxid: first, epoch: first.epoch, time: time)
        try disk.syncDirectory(directory.directory, for: .openedNameSynced)
        if disk.observes(.slotsNameOpenedSegment) {
            try name(sequence, end: recovery.end, in: slots, on: disk)
        }
        for segment in recovery.segments {
            guard let end = segment.end else { continue }
            supply.noteSurplus(segment.path, usedByteCount: try usedByteCount(segment, end: end, on: disk))
        }
        let tail = LogTail(
            segments: recovery.segments + [writer.segment], end: writer.position,
            ringByteCountMax: configuration.ringByteCount)
        return TransactionLog(
            writer: writer, tail: tail, supply: supply, slots: slots, directory: directory,
            configuration: configuration, time: time)
    }

    /// The same commit ends the clean stop: from here on the log is being written.
    private static func name(
        _ sequence: UInt64, end: LogPosition, in slots: MetadataSlots<D>, on disk: D
    ) throws(MetadataError) {
        try slots.commit { metadata in
            metadata.newestSegment = sequence
            metadata.watermark = end
            if disk.observes(.cleanFlagCleared) { metadata.isCleanStop = false }
        }
    }

    /// Bytes up to the end of the log in the segment, and the seal behind it if it has one.
    private static func usedByteCount(
        _ segment: CatalogSegment, end: LogPosition, on disk: D
    ) throws(DiskError) -> Int {
        let reader = try BatchReader<D>(disk.open(segment.path, access: .read), header: segment.header)
        let offset = Int(end.byteOffset)
        return reader.seal(atByteOffset: offset) == nil ? offset : offset + LogFormat.blockByteCount
    }
}
