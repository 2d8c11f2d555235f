import DequeModule
import Identifiers
import Metadata
import Synchronization

/// What the writer shares with readers on other threads: the segments, the newest batches in memory,
/// and how far the log is durable and committed. Its lock is never held during I/O.
package final class LogTail: Sendable {
    private struct State {
        var segments: [CatalogSegment]
        /// Data batches, in order; all that were written after `ringBase`.
        var ring: Deque<LogBatch> = []
        var ringBase: Zxid
        var ringByteCount = 0
        var durableEnd: LogPosition
        var committed: Zxid
        var pins: [UInt64: Zxid] = [:]
        var nextPin: UInt64 = 0
        var statistics = LogStatistics()
    }

    private let state: Mutex<State>
    private let ringByteCountMax: Int

    init(segments: [CatalogSegment], end: LogPosition, ringByteCountMax: Int) {
        self.ringByteCountMax = ringByteCountMax
        state = Mutex(
            State(segments: segments, ringBase: end.lastZxid, durableEnd: end, committed: end.lastZxid))
    }

    /// Everything before this place is durable on this disk.
    package var durableEnd: LogPosition { state.withLock { $0.durableEnd } }

    /// Records up to this one are committed, as far as this server knows.
    package var committed: Zxid { state.withLock { $0.committed } }

    package func setCommitted(_ zxid: Zxid) {
        state.withLock { $0.committed = max($0.committed, zxid) }
    }

    package var statistics: LogStatistics { state.withLock { $0.statistics } }

    package var segments: [CatalogSegment] { state.withLock { $0.segments } }

    /// The first record that can still be read is the one after this.
    package var oldestRetained: Zxid {
        state.withLock { $0.segments.first?.baseZxid ?? $0.durableEnd.lastZxid }
    }

    func count(_ change: (inout LogStatistics) -> Void) {
        state.withLock { change(&$0.statistics) }
    }

    /// Makes a durable batch visible to readers.
    func publish(_ batch: LogBatch) {
        state.withLock { state in
            state.ring.append(batch)
            state.ringByteCount += batch.payload.count
            while state.ringByteCount > ringByteCountMax, state.ring.count > 1,
                let oldest = state.ring.popFirst()
            {
                state.ringByteCount -= oldest.payload.count
                state.ringBase = oldest.lastZxid
            }
            state.durableEnd = batch.end
        }
    }

    /// Notes that the log became longer by a batch without records.
    func publish(end: LogPosition) {
        state.withLock { $0.durableEnd = end }
    }

    /// Ends the open segment and opens the next.
    func roll(end: LogPosition, index: SparseIndex, next: CatalogSegment) {
        state.withLock { state in
            if !state.segments.isEmpty {
                state.segments[state.segments.count - 1].end = end
                state.segments[state.segments.count - 1].index = index
            }
            state.segments.append(next)
            state.durableEnd = next.header.firstPosition
        }
    }

    /// Keeps the index of a sealed segment for other readers.
    func note(_ index: SparseIndex, for segment: CatalogSegment) {
        state.withLock { state in
            guard let place = state.segments.firstIndex(where: { $0.header == segment.header }) else {
                return
            }
            state.segments[place].index = index
        }
    }

    /// Forgets segments below a sequence number; returns their paths, oldest first.
    func dropSegments(below sequence: UInt64) -> [String] {
        state.withLock { state in
            let dropped = state.segments.prefix { $0.sequence < sequence }.map(\.path)
            state.segments.removeFirst(dropped.count)
            return dropped
        }
    }

    /// The first batch in memory with records after `zxid`; nil if memory does not reach back so far,
    /// or there is no such batch.
    package func batchInMemory(after zxid: Zxid) -> LogBatch? {
        state.withLock { state in
            guard zxid >= state.ringBase else { return nil }
            let index = state.ring.partitionPoint { $0.lastZxid > zxid }
            return index < state.ring.count ? state.ring[index] : nil
        }
    }

    /// The first segment that is left and holds a record after `zxid`, and how far it may be read; nil if
    /// there is no such record yet. It may begin behind `zxid`: then records after `zxid` were purged.
    func segment(forRecordsAfter zxid: Zxid) -> (segment: CatalogSegment, end: LogPosition)? {
        state.withLock { state in
            guard zxid < state.durableEnd.lastZxid else { return nil }
            let index = state.segments.partitionPoint { ($0.end ?? state.durableEnd).lastZxid > zxid }
            guard index < state.segments.count else { return nil }
            return (state.segments[index], state.segments[index].end ?? state.durableEnd)
        }
    }

    // MARK: Pins

    /// Keeps everything after `zxid` from being purged until the pin goes away.
    package func pin(after zxid: Zxid) -> LogPin {
        let id = state.withLock { state in
            state.nextPin += 1
            state.pins[state.nextPin] = zxid
            return state.nextPin
        }
        return LogPin(id: id, tail: self)
    }

    func movePin(_ id: UInt64, to zxid: Zxid) {
        state.withLock { $0.pins[id] = zxid }
    }

    func removePin(_ id: UInt64) {
        state.withLock { _ = $0.pins.removeValue(forKey: id) }
    }

    /// The lowest pinned zxid; nil if nothing is pinned.
    var lowestPin: Zxid? { state.withLock { $0.pins.values.min() } }
}

/// Holds back retention: nothing after its zxid is purged as long as it lives.
package final class LogPin: Sendable {
    private let id: UInt64
    private let tail: LogTail

    init(id: UInt64, tail: LogTail) {
        self.id = id
        self.tail = tail
    }

    /// Lets go of everything up to `zxid`.
    package func move(to zxid: Zxid) { tail.movePin(id, to: zxid) }

    deinit { tail.removePin(id) }
}
