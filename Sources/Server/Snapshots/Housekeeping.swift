import DataTree
import Identifiers
import Logging
import Metadata
import NIOCore
import Sessions
import TransactionLog

/// When a snapshot is due: counted by the core as records are committed, drawn anew each time.
///
/// The draw is between half of the configured numbers and all of them, as with Apache ZooKeeper, so
/// that the servers of an ensemble do not all write at once.
struct SnapshotTrigger {
    private let recordCountMax: Int
    private let byteCountMax: Int
    private var recordCountDue = 0
    private var byteCountDue = 0
    private(set) var recordCount = 0
    private(set) var byteCount = 0

    init(recordCountMax: Int, byteCountMax: Int, random: UInt64) {
        self.recordCountMax = recordCountMax
        self.byteCountMax = byteCountMax
        reset(random: random)
    }

    var isDue: Bool { recordCount > recordCountDue || byteCount > byteCountDue }

    mutating func note(recordCount: Int, byteCount: Int) {
        self.recordCount += recordCount
        self.byteCount += byteCount
    }

    /// Counts from nothing to a new draw.
    mutating func reset(random: UInt64) {
        recordCount = 0
        byteCount = 0
        recordCountDue = recordCountMax / 2 + Int(random % UInt64(recordCountMax / 2 + 1))
        byteCountDue = byteCountMax / 2 + Int(random % UInt64(byteCountMax / 2 + 1))
    }
}

/// The core's side of the background work: decides when, walks the tree in slices, and leaves writing,
/// preparing and purging to the housekeeping thread. Lives on the core's loop.
final class Housekeeping {
    /// After a snapshot comes a rest so many times as long as it took: under the heaviest load the numbers
    /// alone would make one snapshot follow the other, for nothing.
    private static let restFactor: Int64 = 4
    /// Slices given to the thread and not written yet; more would only take memory.
    private static let sliceCountAhead = 4
    private static let sliceByteCount = 192 << 10

    let thread: HousekeepingThread
    private unowned let core: Core
    private var trigger: SnapshotTrigger
    /// No snapshot begins before this moment, nanoseconds of the monotonic clock.
    private var restUntil: Int64 = 0
    private var walk: Walk?
    private var lastSegment: UInt64 = 0
    /// How long verified snapshots took, from the first slice to the last check.
    private(set) var snapshotMilliseconds = Histogram()
    private(set) var snapshotErrorCount: UInt64 = 0
    /// Nil until there is a snapshot.
    private(set) var lastSnapshot: SnapshotMoment?
    private var queue = SnapshotQueue()

    private struct Walk {
        var cursor: DataTree.ImageCursor?
        var slicesAhead = 0
        /// The next slice is asked for.
        var isGoingOn = false
        var startedAt: Int64
        var startZxid: Zxid
    }

    /// - Parameter lastSnapshot: what the start loaded.
    init(
        core: Core, thread: HousekeepingThread, replayedRecordCount: Int, lastSnapshot: SnapshotMoment? = nil
    ) {
        self.core = core
        self.thread = thread
        self.lastSnapshot = lastSnapshot
        trigger = SnapshotTrigger(
            recordCountMax: core.configuration.snapshotRecordCount,
            byteCountMax: core.configuration.snapshotLogByteCount, random: .random(in: 0...UInt64.max))
        trigger.note(recordCount: replayedRecordCount, byteCount: 0)
    }

    func wake() { thread.wake() }

    /// A batch was applied.
    func noteBatch(_ batch: LogBatch) {
        trigger.note(recordCount: batch.recordCount, byteCount: batch.storedByteCount)
        if batch.end.segment != lastSegment {
            lastSegment = batch.end.segment
            thread.wake()
        }
        if trigger.isDue && walk == nil && core.now >= restUntil { begin() }
    }

    /// Somebody wants a snapshot now, whatever the numbers say; he is told on the core's loop.
    func snapshotNow(_ answer: @escaping SnapshotQueue.Answer) {
        // The walk that is not at its end yet has everything that is applied by now, in image or tail.
        queue.add(isServedByPresent: walk?.cursor != nil, answer)
        if walk == nil { begin() }
    }

    /// The server ends: nobody waits any longer.
    func giveUp() { queue.giveUp() }

    /// A snapshot has ended, and those who waited for it were told; the next may be wanted already.
    private func answer(_ result: Result<HeldSnapshot, NoSnapshotError>) {
        queue.end(result)
        if queue.needsAnother, walk == nil { begin() }
    }

    // MARK: The walk

    /// Begins a snapshot: everything up to the applied position is in the image, what comes after it and
    /// before the walk ends follows as the tail.
    private func begin() {
        trigger.reset(random: .random(in: 0...UInt64.max))
        queue.begin()
        var sessions: [UInt8] = []
        core.sessions.encodeTable(into: &sessions)
        let start = core.tree.lastAppliedZxid
        thread.begin(
            SnapshotStart(
                zxid: start, sessions: sessions,
                expectedByteCount: core.tree.dataByteCount + core.tree.nodeCount * 128))
        walk = Walk(cursor: .start, startedAt: core.now, startZxid: start)
        goOn()
    }

    /// Takes the next slices, as far as the thread keeps up. A slice takes the loop well under 1 ms.
    private func goOn() {
        guard var walk, let cursor = walk.cursor, walk.slicesAhead < Self.sliceCountAhead else { return }
        var slice: [UInt8] = []
        slice.reserveCapacity(Self.sliceByteCount + 4096)
        walk.cursor = core.tree.encodeImageSlice(
            from: cursor, maxByteCount: Self.sliceByteCount, into: &slice)
        if !slice.isEmpty {
            thread.append(slice)
            walk.slicesAhead += 1
        }
        self.walk = walk
        if walk.cursor == nil {
            thread.finish(end)
        } else {
            goOnNextTurn()
        }
    }

    /// One slice a turn, so that requests are answered between two.
    private func goOnNextTurn() {
        guard walk?.isGoingOn == false else { return }
        walk?.isGoingOn = true
        core.nextTurn.perform { [self] in
            walk?.isGoingOn = false
            goOn()
        }
    }

    /// What the tree is at the end of the walk; the tail must lead exactly there.
    private var end: SnapshotEndState {
        SnapshotEndState(
            zxid: core.tree.lastAppliedZxid, digest: core.tree.digest, nodeCount: core.tree.nodeCount,
            ephemeralCount: core.tree.ephemeralCount, sessionCount: core.sessions.count,
            dataByteCount: core.tree.dataByteCount)
    }

    /// Returns when it began.
    @discardableResult
    private func endWalk() -> Int64? {
        guard let walk else { return nil }
        let end = Clock.monotonicNanoseconds()
        restUntil = end + (end - walk.startedAt) * Self.restFactor
        self.walk = nil
        return walk.startedAt
    }

    // MARK: Reports of the thread

    func take(_ report: HousekeepingThread.Report) {
        switch report {
        case .sliceWritten:
            if let ahead = walk?.slicesAhead, ahead > 0 { walk?.slicesAhead = ahead - 1 }
            goOnNextTurn()
        case .snapshotDone(let snapshot):
            let milliseconds = endWalk().map { max(0, snapshot.verifiedAt - $0) / 1_000_000 } ?? 0
            snapshotMilliseconds.record(UInt64(milliseconds))
            core.logger.info("\(snapshot.summary) in \(milliseconds) ms")
            lastSnapshot = SnapshotMoment(
                zxid: snapshot.held.zxid, seconds: Clock.wallMilliseconds() / 1000)
            answer(.success(snapshot.held))
        case .snapshotFailed(let reason):
            endWalk()
            snapshotErrorCount += 1
            core.logger.error("no snapshot was made, the next is tried later: \(reason)")
            answer(.failure(NoSnapshotError(description: reason)))
        case .shortage(let shortage):
            core.note(shortage)
        case .surplusKept(let error):
            core.logger.error("the space behind a sealed log segment was not given back: \(error)")
        }
    }
}
