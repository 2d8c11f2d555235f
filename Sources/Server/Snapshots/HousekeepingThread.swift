import CDisk
import Compression
import Disk
import Glibc
import Identifiers
import Snapshots
import Storage
import Synchronization
import TransactionLog

/// What the image of a snapshot begins with.
struct SnapshotStart: Sendable {
    var zxid: Zxid
    /// The encoded session table.
    var sessions: [UInt8]
    var expectedByteCount: Int
}

/// What the state is at the end of a snapshot's walk.
struct SnapshotEndState: Sendable {
    var zxid: Zxid
    var digest: UInt64
    var nodeCount: Int
    var ephemeralCount: Int
    var sessionCount: Int
    var dataByteCount: Int
}

/// One thread with low priority for work that nobody waits for: keeps log segments prepared, writes
/// snapshots, verifies them, and purges what they make superfluous.
final class HousekeepingThread: @unchecked Sendable {
    enum Report: Sendable {
        case sliceWritten
        case snapshotDone(FinishedSnapshot)
        case snapshotFailed(String)
        /// Why no log segment can be prepared; nil if they can be again.
        case shortage(SupplyShortage?)
        /// The space behind a sealed segment was not given back.
        case surplusKept(DiskError)
    }

    private enum Work: Sendable {
        case wake
        case begin(SnapshotStart, LogPin)
        case slice([UInt8])
        case finish(SnapshotEndState)
    }

    private static let periodNanoseconds: Int64 = 1_000_000_000

    private let disk: KernelDisk
    private let supply: SegmentSupply<KernelDisk>
    private let tail: LogTail
    private let report: @Sendable (Report) -> Void
    private let queue = WorkQueue<Work>()
    private let isStopping = Atomic(false)
    private let thread = OwnThread()
    // Used by the thread only.
    private let snapshots: SnapshotProduction
    private var shortage: SupplyShortage?

    /// - Parameter report: called on the thread; must not block.
    init(
        _ storage: Storage<KernelDisk>, codec: Codec, report: @escaping @Sendable (Report) -> Void
    ) {
        disk = storage.disk
        supply = storage.log.supply
        tail = storage.log.tail
        self.report = report
        snapshots = SnapshotProduction(storage, codec: codec)
    }

    func start() {
        thread.start("housekeeping") { [self] in run() }
    }

    /// Ends the thread; a snapshot that is being written is given up. Blocks.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        snapshots.isCancelled.store(true, ordering: .relaxed)
        queue.close()
        thread.join()
    }

    /// Looks at once whether a segment must be prepared.
    func wake() { queue.put(.wake) }

    /// Begins a snapshot of what is applied now; the log after it stays until the snapshot is done.
    func begin(_ start: SnapshotStart) { queue.put(.begin(start, tail.pin(after: start.zxid))) }

    func append(_ slice: [UInt8]) { queue.put(.slice(slice)) }

    func finish(_ end: SnapshotEndState) { queue.put(.finish(end)) }

    // MARK: The thread

    private func run() {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        _ = cdisk_lower_io_priority()
        prepare()
        var work: [Work] = []
        while !isStopping.load(ordering: .relaxed) {
            let deadline = Clock.monotonicNanoseconds() + Self.periodNanoseconds
            if queue.takeAll(into: &work, deadline: deadline) == .closed { break }
            for item in work {
                perform(item)
                prepare()
            }
            if work.isEmpty { prepare() }
            work.removeAll(keepingCapacity: true)
        }
        snapshots.abort()
    }

    private func perform(_ work: Work) {
        do throws(SnapshotProduction.Failure) {
            switch work {
            case .wake:
                break
            case .begin(let start, let pin):
                try snapshots.begin(start, pin: pin)
            case .slice(let slice):
                try snapshots.append(slice)
                report(.sliceWritten)
            case .finish(let end):
                guard let snapshot = try snapshots.finish(end, betweenPieces: { [self] in prepare() }) else {
                    return
                }
                report(.snapshotDone(snapshot))
            }
        } catch {
            // A snapshot that the stopping server gives up is nobody's concern.
            if !isStopping.load(ordering: .relaxed) { report(.snapshotFailed(error.description)) }
        }
    }

    /// Keeps segments ready, and tells when they cannot be made and why.
    private func prepare() {
        let goal = SegmentSupply<KernelDisk>.readyCountGoal
        if supply.level.readyCount < goal {
            do throws(DiskError) {
                _ = try supply.prepare(pause: NamedThread.sleep)
            } catch {
                // What keeps a segment from being prepared is in the level.
                if supply.level.shortage == nil { report(.surplusKept(error)) }
            }
        }
        let level = supply.level
        let found = level.readyCount < goal ? level.shortage : nil
        let isNews = found.map { !$0.isLike(shortage) } ?? (shortage != nil)
        if isNews { report(.shortage(found)) }
        shortage = found
    }
}
