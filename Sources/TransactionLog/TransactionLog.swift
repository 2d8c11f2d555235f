import Disk
import Identifiers
import Metadata

/// The log: an ordered sequence of records, durable batch by batch.
///
/// One owner at a time appends; it may be handed from thread to thread, never shared. Readers use
/// `tail` and cursors from anywhere. Every call blocks until the disk has answered. After a failed
/// write or sync the log is poisoned: every later append throws, and nothing is retried.
package final class TransactionLog<D: Disk> {
    package let tail: LogTail
    package let supply: SegmentSupply<D>
    package let slots: MetadataSlots<D>
    let directory: LogDirectory<D>
    private let disk: D
    private let configuration: LogConfiguration

    private var writer: SegmentWriter<D>
    private var encoder = BatchEncoder()
    private var isPoisoned = false
    private var lastTime: Int64
    /// The last batch has no promise behind it yet.
    package private(set) var owesPromise = false
    /// The slots' watermark is behind the end.
    private var owesWatermark = false
    private let clock = ContinuousClock()

    init(
        writer: SegmentWriter<D>, tail: LogTail, supply: SegmentSupply<D>, slots: MetadataSlots<D>,
        directory: LogDirectory<D>, configuration: LogConfiguration, time: Int64
    ) {
        self.writer = writer
        self.tail = tail
        self.supply = supply
        self.slots = slots
        self.directory = directory
        self.configuration = configuration
        disk = directory.disk
        lastTime = time
    }

    /// Where the next batch goes.
    package var end: LogPosition { writer.position }

    /// Bytes of batches that the open segment still takes.
    package var remainingByteCount: Int { writer.remainingByteCount }

    /// The longest record that this log takes.
    package var recordByteCountMax: Int {
        min(
            LogFormat.recordByteCountMax,
            BatchHeader.payloadByteCountMax(
                inBatchOf: SegmentWriter<D>.payloadCapacity(segmentByteCount: supply.segmentByteCount))
                - LogFormat.recordHeaderByteCount)
    }

    /// Appends the records as one batch; durable on return, and visible to cursors.
    ///
    /// - Parameters:
    ///   - records: not empty, of one epoch, after the last record of the log. Keep it below
    ///     `LogFormat.batchByteCountTarget` unless it is a single record.
    ///   - time: wall clock, milliseconds since 1970; a step back is not written.
    ///   - committed: what is known to be committed, for readers.
    package func commit(
        _ records: consuming RecordBuffer, time: Int64, committed: Zxid
    ) throws(LogError) -> LogBatch {
        precondition(!records.isEmpty && records.firstZxid > end.lastZxid, "records only follow the last one")
        let payload = records.payload
        guard records.byteCount <= recordByteCountMax + LogFormat.recordHeaderByteCount else {
            throw .recordTooLong(byteCount: records.byteCount, limit: recordByteCountMax)
        }
        try ensureRoom(
            for: BatchHeader.batchByteCountMax(forPayload: records.byteCount), time: time, committed,
            records.firstZxid)
        let header = try append(
            .data, payload: payload, firstZxid: records.firstZxid, lastZxid: records.lastZxid,
            recordCount: records.recordCount, time: time, committed: committed)
        let batch = LogBatch(header, payload: payload.bytes)
        owesPromise = true
        tail.publish(batch)
        return batch
    }

    /// Makes an epoch the current one, and accepted too; durable on return. Does nothing if it is not later.
    ///
    /// Everything before it is durable, since `commit` returns only then: so the slots never name an epoch
    /// whose history may be lost, and never one below that of a record, if this is called before its first.
    package func enter(_ epoch: Epoch) throws(LogError) {
        if isPoisoned { throw .poisoned }
        guard epoch > slots.metadata.currentEpoch else { return }
        try commitSlots { metadata in
            metadata.acceptedEpoch = max(metadata.acceptedEpoch, epoch)
            metadata.currentEpoch = epoch
        }
    }

    /// Promises, after a quiet moment, that the last batch was durable. Does nothing if that is
    /// promised already. Readers do not see it.
    package func writeIdlePromise(time: Int64, committed: Zxid) throws(LogError) {
        guard owesPromise, writer.remainingByteCount >= BatchHeader.batchByteCount(forStored: 0) else {
            return
        }
        try appendMark(.idlePromise, time: time, committed: committed)
        tail.count { $0.idlePromiseCount += 1 }
    }

    /// Brings the slots' watermark up to the end of the log.
    package func refreshWatermark() throws(LogError) {
        guard owesWatermark else { return }
        let end = writer.position
        try commitSlots { $0.watermark = end }
        owesWatermark = false
    }

    /// Stops in good order: the slots say that the log ends here. Nothing can be appended after it.
    package func close(time: Int64, committed: Zxid) throws(LogError) {
        // What a failed write left behind the end is no clean stop.
        if isPoisoned { throw .poisoned }
        if !disk.observes(.cleanFlagAfterLastBatch) { try markCleanStop() }
        if writer.remainingByteCount >= BatchHeader.batchByteCount(forStored: 0) {
            try appendMark(.cleanStop, time: time, committed: committed)
        }
        try markCleanStop()
        isPoisoned = true
    }

    private func markCleanStop() throws(LogError) {
        let end = writer.position
        try commitSlots { metadata in
            metadata.watermark = end
            metadata.isCleanStop = true
        }
    }

    // MARK: Appending

    private func appendMark(_ kind: BatchKind, time: Int64, committed: Zxid) throws(LogError) {
        let last = writer.position.lastZxid
        _ = try append(
            kind, payload: BatchPayload([]), firstZxid: last, lastZxid: last, recordCount: 0, time: time,
            committed: committed)
        owesPromise = false
        tail.publish(end: writer.position)
    }

    private func append(
        _ kind: BatchKind, payload: BatchPayload, firstZxid: Zxid, lastZxid: Zxid, recordCount: Int,
        time: Int64,
        committed: Zxid
    ) throws(LogError) -> BatchHeader {
        if isPoisoned { throw .poisoned }
        lastTime = max(lastTime, time)
        let position = writer.position
        let frame = BatchEncoder.Frame(
            kind: kind, position: position, firstZxid: firstZxid, lastZxid: lastZxid,
            recordCount: recordCount,
            time: lastTime, durableEnd: position.ordinal + (disk.observes(.promiseOnlySynced) ? 0 : 1),
            committedZxid: committed)
        let header = encoder.encode(frame, payload: payload, in: writer.segment.header)
        let start = clock.now
        do {
            try writer.append(header, image: encoder.image(of: header), for: kind.syncRule)
        } catch {
            isPoisoned = true
            throw .disk(error)
        }
        owesWatermark = true
        let elapsed = start.duration(to: clock.now)
        tail.count { $0.note(header, payloadByteCount: payload.bytes.count, elapsed: elapsed) }
        return header
    }

    // MARK: Rolling

    private func ensureRoom(
        for byteCount: Int, time: Int64, _ committed: Zxid, _ firstZxid: Zxid
    ) throws(LogError) {
        if isPoisoned { throw .poisoned }
        guard writer.remainingByteCount < byteCount else { return }
        // Found before anything is written, so that a full disk leaves the log sound.
        guard let sequence = try preparedSequence() else { throw .noSpace }
        do {
            try roll(to: sequence, time: time, committed: committed, firstZxid: firstZxid)
        } catch {
            // Without space for a name the segment is sealed and the log sound; the next commit goes on.
            if error != .noSpace { isPoisoned = true }
            throw error
        }
    }

    private func preparedSequence() throws(LogError) -> UInt64? {
        if let sequence = supply.take() { return sequence }
        tail.count { $0.prepareLagCount += 1 }
        do {
            guard try supply.prepareOne() else { return nil }
        } catch {
            throw .disk(error)
        }
        return supply.take()
    }

    /// Seals the open segment and goes on in a prepared one (storage design C6, rule 1).
    private func roll(to sequence: UInt64, time: Int64, committed: Zxid, firstZxid: Zxid) throws(LogError) {
        let sealed = writer.segment
        lastTime = max(lastTime, time)
        do {
            let (end, usedByteCount) = try writer.seal(with: &encoder, time: lastTime, committed: committed)
            let index = writer.index
            if !disk.observes(.rolledNameBeforeSlots) { try nameInSlots(sequence, end: end) }
            let creation = SegmentCreation(
                directory: directory, storeID: slots.metadata.storeID, nonce: configuration.nonce(),
                segmentByteCount: supply.segmentByteCount)
            let next: SegmentWriter<D>
            do {
                next = try creation.create(
                    sequence: sequence, predecessor: end, firstZxid: firstZxid, epoch: firstZxid.epoch,
                    time: lastTime)
            } catch {
                guard try creation.isStillPrepared(sequence, after: error) else { throw error }
                supply.putBack(sequence)
                throw LogError.noSpace
            }
            try disk.syncDirectory(directory.directory, for: .rolledNameSynced)
            writer = next
            tail.roll(end: end, index: index, next: writer.segment)
            supply.noteSurplus(sealed.path, usedByteCount: usedByteCount)
            if disk.observes(.slotsNameRolledSegment) { try nameInSlots(sequence, end: end) }
        } catch let error as DiskError {
            throw .disk(error)
        } catch let error as LogError {
            throw error
        } catch {
            preconditionFailure("no other error is thrown: \(error)")
        }
        tail.count { $0.rollCount += 1 }
    }

    private func nameInSlots(_ sequence: UInt64, end: LogPosition) throws(LogError) {
        try commitSlots { metadata in
            metadata.newestSegment = sequence
            metadata.watermark = end
        }
    }

    private func commitSlots(_ change: (inout StoreMetadata) -> Void) throws(LogError) {
        do {
            try slots.commit(change)
        } catch {
            isPoisoned = true
            throw .metadata(error)
        }
        tail.count { $0.slotCommitCount += 1 }
    }
}

extension BatchKind {
    /// Why a batch of this kind is synced.
    fileprivate var syncRule: DurabilityRule {
        switch self {
        case .data: .batchSynced
        case .idlePromise: .promiseSynced
        case .cleanStop: .stopMarkSynced
        case .footer: .footerSynced
        }
    }
}

extension LogStatistics {
    fileprivate mutating func note(_ header: BatchHeader, payloadByteCount: Int, elapsed: Duration) {
        let (seconds, attoseconds) = elapsed.components
        syncMicroseconds.record(UInt64(seconds) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000))
        batchCount += 1
        storedByteCount += UInt64(header.batchByteCount)
        guard header.kind == .data else { return }
        batchRecordCounts.record(UInt64(header.recordCount))
        batchByteCounts.record(UInt64(header.batchByteCount))
        recordCount += UInt64(header.recordCount)
        rawByteCount += UInt64(payloadByteCount)
    }
}
