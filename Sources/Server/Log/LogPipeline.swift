import CDisk
import Disk
import Glibc
import Identifiers
import Metadata
import Synchronization
import TransactionLog

/// The way from the event loop to the log and back: group commit without timers.
///
/// The loop submits what a turn gathered; the log thread takes all that came while the last sync ran,
/// commits it as one batch, and reports it. While nothing is submitted the loop may commit by itself,
/// which spares a lone write two changes of thread. Exactly one of the two threads owns the log at any
/// time; `ownership` says whether it is taken.
final class LogPipeline: @unchecked Sendable {
    /// What the log thread reports, in the order in which it happened.
    enum Report: Sendable {
        case durable(LogBatch)
        /// A batch took longer than it should to become durable.
        case slowSync(milliseconds: Int64)
        /// There is no space; what was submitted waits until there is. Reported once each time.
        case waitsForSpace
        /// Nothing more will be written; what was submitted and not reported may or may not be durable.
        case failed(LogError)
    }

    private enum Work: Sendable {
        case commit(RecordBuffer, committed: Zxid)
        case idlePromise(committed: Zxid)
        case watermark
    }

    private static let spaceRetryNanoseconds: UInt64 = 200_000_000

    // Used only by the thread that holds `ownership`.
    private let log: TransactionLog<KernelDisk>
    private let ownership = Atomic(false)
    private let queue = WorkQueue<Work>()
    private let stopsWaiting = Atomic(false)
    private let report: @Sendable (Report) -> Void
    private let thread = OwnThread()

    private let slowSyncNanoseconds: Int64

    /// - Parameters:
    ///   - slowSyncMilliseconds: commits that take longer are reported.
    ///   - report: called by whoever commits, most often the log thread; must not block.
    init(
        _ log: TransactionLog<KernelDisk>, slowSyncMilliseconds: Int,
        report: @escaping @Sendable (Report) -> Void
    ) {
        self.log = log
        slowSyncNanoseconds = Int64(slowSyncMilliseconds) * 1_000_000
        self.report = report
    }

    func start() {
        thread.start("log") { [self] in run() }
    }

    /// Gives records to the log thread. They come back by `report` once they are durable.
    func submit(_ records: RecordBuffer, committed: Zxid) {
        queue.put(.commit(records, committed: committed))
    }

    /// Asks for a promise that what is durable is durable (storage format, "idle promise").
    func requestIdlePromise(committed: Zxid) { queue.put(.idlePromise(committed: committed)) }

    /// Asks for the slots' watermark to be brought up to the end of the log.
    func requestWatermark() { queue.put(.watermark) }

    /// Commits on the calling thread; nil if the log is taken, or is short of space, and nothing was done.
    ///
    /// Only while nothing that was submitted is unreported, or the order of records would be lost.
    func commitInline(_ records: RecordBuffer, committed: Zxid) throws(LogError) -> LogBatch? {
        guard ownership.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return nil
        }
        defer { ownership.store(false, ordering: .releasing) }
        do throws(LogError) {
            return try append(records, committed: committed)
        } catch .noSpace {
            return nil
        }
    }

    /// Ends the log thread after all that was submitted, then the log itself in good order. Blocks.
    func stop(committed: Zxid) throws(LogError) {
        stopsWaiting.store(true, ordering: .relaxed)
        queue.close()
        thread.join()
        try log.close(time: Clock.wallMilliseconds(), committed: committed)
    }

    /// Commits one batch. When the zxids' counter was used up, its epoch is the next one, which the slots
    /// must name first.
    private func append(_ records: RecordBuffer, committed: Zxid) throws(LogError) -> LogBatch {
        if records.firstZxid.epoch > log.end.lastZxid.epoch { try log.enter(records.firstZxid.epoch) }
        let begunAt = Clock.monotonicNanoseconds()
        let batch = try log.commit(records, time: Clock.wallMilliseconds(), committed: committed)
        let took = Clock.monotonicNanoseconds() - begunAt
        if took > slowSyncNanoseconds { report(.slowSync(milliseconds: took / 1_000_000)) }
        return batch
    }

    // MARK: The log thread

    private func run() {
        // A thread that sleeps most of the time and is waited for: without this it often stands behind
        // whoever is computing until that one's time slice ends, 1.4 to 4 ms against a sync of 0.1.
        _ = cdisk_shorten_time_slice()
        var work: [Work] = []
        while queue.takeAll(into: &work, deadline: nil) == .items {
            acquire()
            do throws(LogError) {
                let last = try perform(work)
                // First let go, so that the loop finds the log free when it learns of the last batch.
                ownership.store(false, ordering: .releasing)
                if let last { report(.durable(last)) }
            } catch {
                ownership.store(false, ordering: .releasing)
                report(.failed(error))
                return
            }
            work.removeAll(keepingCapacity: true)
        }
    }

    /// The loop holds the log only for a commit of its own, and never when it has submitted records.
    private func acquire() {
        while !ownership.weakCompareExchange(expected: false, desired: true, ordering: .acquiring).exchanged {
            NamedThread.sleep(nanoseconds: 50_000)
        }
    }

    /// Returns the last batch; those before it are reported at once.
    private func perform(_ work: [Work]) throws(LogError) -> LogBatch? {
        var gathered = RecordBuffer()
        var lastCommitted = Zxid.zero
        for item in work {
            switch item {
            case .commit(let records, let committed):
                if !Self.fits(records, behind: gathered) {
                    report(.durable(try commit(gathered, committed: lastCommitted)))
                    gathered = RecordBuffer()
                }
                gathered.append(records)
                lastCommitted = committed
            case .idlePromise(let committed):
                guard gathered.isEmpty else { continue }
                try log.writeIdlePromise(time: Clock.wallMilliseconds(), committed: committed)
            case .watermark:
                guard gathered.isEmpty else { continue }
                try log.refreshWatermark()
            }
        }
        return gathered.isEmpty ? nil : try commit(gathered, committed: lastCommitted)
    }

    private static func fits(_ records: RecordBuffer, behind gathered: RecordBuffer) -> Bool {
        gathered.isEmpty
            || gathered.byteCount + records.byteCount <= LogFormat.batchByteCountTarget
                && gathered.recordCount + records.recordCount <= LogFormat.batchRecordCountMax
                && gathered.firstZxid.epoch == records.firstZxid.epoch
    }

    /// Commits, and waits for space if there is none: nothing is acknowledged meanwhile, nothing lost.
    private func commit(_ records: RecordBuffer, committed: Zxid) throws(LogError) -> LogBatch {
        var waits = false
        while true {
            do throws(LogError) {
                return try append(records, committed: committed)
            } catch .noSpace {
                if !waits { report(.waitsForSpace) }
                waits = true
                if stopsWaiting.load(ordering: .relaxed) { throw .noSpace }
                NamedThread.sleep(nanoseconds: Self.spaceRetryNanoseconds)
            }
        }
    }
}
