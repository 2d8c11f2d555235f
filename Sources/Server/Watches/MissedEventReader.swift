import DataTree
import Disk
import Identifiers
import Jute
import Sessions
import Storage
import Synchronization
import TransactionLog

/// Reads the log for one client that came back, from where it was last sure to be told of everything.
struct MissedEventSearch: Sendable {
    /// The connection.
    let owner: Sessions.Owner
    /// What was read up to this record is in `missed`.
    var position: Zxid
    var missed: MissedEvents
    /// Of log, that may still be read.
    var byteCountLeft: Int
    /// Until what was found is delivered nothing behind the position is purged.
    let pin: LogPin
    var shortfall: Shortfall?

    /// Why the client is not told what it missed.
    enum Shortfall: Error, CustomStringConvertible {
        case events(MissedEvents.Shortfall)
        case tooManyBytes
        case tooLong
        case notRetained(oldest: Zxid)
        case log(LogError)
        case record(JuteDefect)

        var description: String {
            switch self {
            case .events(.tooMany): "there are too many (watches.catchUp.events)"
            case .events(.unlistedDeletions):
                "a session ended with too many nodes for its record to name them"
            case .tooManyBytes: "too much of the log would have to be read (watches.catchUp.megabytes)"
            case .tooLong: "reading the log took too long (watches.catchUp.milliseconds)"
            case .notRetained(let oldest): "the log reaches back to \(oldest) only"
            case .log(let error): "the log cannot be read: \(error)"
            case .record(let defect): "a record cannot be read: \(defect)"
            }
        }
    }

    /// Takes the records of a batch up to `limit`.
    mutating func take(_ batch: LogBatch, upTo limit: Zxid, _ changes: inout RecordChanges) {
        do throws(JuteDefect) {
            try batch.forEachRecord(after: position) { zxid, record throws(JuteDefect) in
                guard zxid <= limit else { return }
                try changes.read(record)
                missed.add(changes)
            }
        } catch {
            shortfall = .record(error)
        }
        finish(batch, upTo: limit)
    }

    /// Notes that all records of a batch up to `limit` are in.
    mutating func finish(_ batch: LogBatch, upTo limit: Zxid) {
        let end = min(limit, batch.lastZxid)
        guard position < end else { return }
        position = end
        byteCountLeft -= batch.storedByteCount
        if let reason = missed.shortfall { shortfall = .events(reason) }
        if shortfall == nil && byteCountLeft < 0 { shortfall = .tooManyBytes }
        pin.move(to: position)
    }
}

/// A thread that reads the log for clients that came back: all that wait are served by one reading of it.
///
/// Each search ends by itself: at the last committed record, at its bounds, or when the log fails.
final class MissedEventReader: @unchecked Sendable {
    private let disk: KernelDisk
    private let tail: LogTail
    private let nanosecondsMax: Int64
    private let report: @Sendable (MissedEventSearch) -> Void
    private let queue = WorkQueue<(MissedEventSearch, RecordChanges)>()
    private let isStopping = Atomic(false)
    private let thread = OwnThread()

    /// - Parameter report: gets each search back, on the thread; must not block.
    init(
        _ storage: Storage<KernelDisk>, millisecondsMax: Int,
        report: @escaping @Sendable (MissedEventSearch) -> Void
    ) {
        disk = storage.disk
        tail = storage.log.tail
        nanosecondsMax = Int64(millisecondsMax) * 1_000_000
        self.report = report
    }

    func start() {
        thread.start("watches") { [self] in run() }
    }

    /// Ends the thread; searches that are under way are given up. Blocks.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        queue.close()
        thread.join()
    }

    /// - Parameter changes: of the tree that the search's paths are of.
    func search(_ search: MissedEventSearch, _ changes: RecordChanges) { queue.put((search, changes)) }

    private func run() {
        var work: [(MissedEventSearch, RecordChanges)] = []
        while queue.takeAll(into: &work, deadline: nil) == .items {
            guard !isStopping.load(ordering: .relaxed), let (_, changes) = work.first else { return }
            var searches = work.map(\.0)
            work.removeAll()
            read(for: &searches, changes)
        }
    }

    /// Reads from the lowest position on; a search is reported as soon as it is at its end.
    private func read(for searches: inout [MissedEventSearch], _ changes: consuming RecordChanges) {
        let deadline = Clock.monotonicNanoseconds() + nanosecondsMax
        guard let start = searches.map(\.position).min() else { return }
        let cursor = LogCursor(after: start, mode: .committed, tail: tail, on: disk, pinned: false)
        var failure: MissedEventSearch.Shortfall?
        do throws(LogError) {
            while failure == nil, !searches.isEmpty, let slice = try cursor.next() {
                if let defect = take(slice, &searches, &changes) { failure = .record(defect) }
                reportEnded(&searches)
                if Clock.monotonicNanoseconds() > deadline { failure = .tooLong }
                if isStopping.load(ordering: .relaxed) { return }
            }
        } catch {
            failure = .log(error)
        }
        for var search in searches {
            search.shortfall = failure
            report(search)
        }
        searches = []
    }

    private func take(
        _ slice: LogCursor<KernelDisk>.Slice, _ searches: inout [MissedEventSearch],
        _ changes: inout RecordChanges
    ) -> JuteDefect? {
        do throws(JuteDefect) {
            try slice.forEachRecord { zxid, record throws(JuteDefect) in
                try changes.read(record)
                for index in searches.indices where searches[index].position < zxid {
                    searches[index].missed.add(changes)
                }
            }
        } catch {
            return error
        }
        for index in searches.indices { searches[index].finish(slice.batch, upTo: slice.through) }
        return nil
    }

    private func reportEnded(_ searches: inout [MissedEventSearch]) {
        for search in searches where search.shortfall != nil { report(search) }
        searches.removeAll { $0.shortfall != nil }
    }
}
