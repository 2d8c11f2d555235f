import Disk
import Identifiers
import Metadata

/// Reads the log in order from any retained record, from memory while it reaches back so far, else
/// from the segments. Pull-based; used by one thread at a time, on any thread.
package final class LogCursor<D: Disk> {
    package enum Mode: Sendable {
        /// Up to what is durable on this disk.
        case durable
        /// Up to what is committed.
        case committed
    }

    /// A run of records: those of a batch after one zxid, up to another.
    package struct Slice {
        package let batch: LogBatch
        package let after: Zxid
        package let through: Zxid

        /// Calls `body` with each record of the slice, in order.
        @inlinable
        package func forEachRecord<Failure: Error>(
            _ body: (Zxid, RawSpan) throws(Failure) -> Void
        ) throws(Failure) {
            try batch.forEachRecord(after: after) { zxid, record throws(Failure) in
                if zxid <= through { try body(zxid, record) }
            }
        }
    }

    /// The last record that was delivered, or the place where reading began.
    package private(set) var position: Zxid
    private let mode: Mode
    private let tail: LogTail
    private let disk: D
    private let pin: LogPin?
    private var reading: Reading?

    private struct Reading {
        var reader: BatchReader<D>
        var next: LogPosition
    }

    /// - Parameters:
    ///   - zxid: the first record delivered is the one after it.
    ///   - pinned: keeps what was not read yet from being purged.
    package init(after zxid: Zxid, mode: Mode, tail: LogTail, on disk: D, pinned: Bool = true) {
        position = zxid
        self.mode = mode
        self.tail = tail
        self.disk = disk
        pin = pinned ? tail.pin(after: zxid) : nil
    }

    /// The next records; nil when the end is reached for now.
    ///
    /// Call again after more was written. Throws `purged` if the records are no longer retained, and
    /// `damaged` with the place if a batch does not read.
    package func next() throws(LogError) -> Slice? {
        let limit = mode == .committed ? tail.committed : Zxid(rawValue: .max)
        guard position < limit, let batch = try nextBatch() else { return nil }
        guard batch.firstZxid <= limit else { return nil }
        let slice = Slice(batch: batch, after: position, through: min(limit, batch.lastZxid))
        position = slice.through
        pin?.move(to: position)
        return slice
    }

    private func nextBatch() throws(LogError) -> LogBatch? {
        if let batch = tail.batchInMemory(after: position) { return batch }
        guard let (segment, end) = tail.segment(forRecordsAfter: position) else { return nil }
        // The oldest one that is left may begin behind the position.
        guard segment.baseZxid <= position else {
            throw .purged(wanted: position, oldestRetained: segment.baseZxid)
        }
        do {
            return try read(segment, to: end)
        } catch let error as DiskError {
            if error.code == Errno.noEntry { try checkRetained() }
            throw .disk(error)
        } catch let defect as LogDefect {
            try checkRetained()
            throw .damaged(defect)
        } catch {
            preconditionFailure("no other error is thrown: \(error)")
        }
    }

    /// A segment leaves the tail before its file goes, piece by piece: a purge meanwhile shows itself by a
    /// file that is gone or too short.
    private func checkRetained() throws(LogError) {
        let oldest = tail.oldestRetained
        guard position >= oldest else { throw .purged(wanted: position, oldestRetained: oldest) }
    }

    /// The batch with the first record after `position`, out of its segment.
    private func read(_ segment: CatalogSegment, to end: LogPosition) throws -> LogBatch? {
        var current = try continuing(in: segment)
        defer { reading = current }
        current.reader.limit(to: Int(end.byteOffset))
        while current.next.ordinal < end.ordinal {
            let reason: LogDefect.Reason
            switch current.reader.batch(at: current.next) {
            case .batch(let header, let payload):
                current.next = header.end
                if header.kind == .data, header.lastZxid > position {
                    return LogBatch(header, payload: payload)
                }
                continue
            case .empty: reason = .batchTorn
            case .defect(let found): reason = found
            }
            guard let next = current.reader.boundary(behindDamageAt: current.next, declaredEnd: end) else {
                throw LogDefect(path: segment.path, byteOffset: Int(current.next.byteOffset), reason: reason)
            }
            current.next = next
        }
        return nil
    }

    /// Goes on where the last call stopped, or finds the place by the sparse index.
    private func continuing(in segment: CatalogSegment) throws(DiskError) -> Reading {
        if let reading, reading.reader.header == segment.header, reading.next.lastZxid <= position {
            return reading
        }
        let file = try disk.open(segment.path, access: .read)
        let reader = try BatchReader<D>(file, header: segment.header)
        return Reading(reader: reader, next: start(in: segment, reader))
    }

    /// The place that the sparse index knows for the position, if a batch of the log stands there; else
    /// where the segment's batches begin.
    private func start(in segment: CatalogSegment, _ reader: BatchReader<D>) -> LogPosition {
        var index = segment.index
        // Recovery reads only what no snapshot holds. What is older has its index in its footer.
        if index.entries.isEmpty, let end = segment.end, let footer = reader.sparseIndex(before: end) {
            index = footer
            tail.note(footer, for: segment)
        }
        guard let place = index.position(forRecordsAfter: position), case .batch = reader.batch(at: place)
        else { return segment.header.firstPosition }
        return place
    }
}
