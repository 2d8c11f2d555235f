import Disk
import Glibc
import Identifiers
import Metadata
import TransactionLog

/// Prints what is there and then what a running server adds, as soon as it is promised durable.
///
/// A batch is printed when a later header of the log says that it was durable, so nothing is shown that
/// a crash could take back. An idle server writes that header a few milliseconds after the batch.
struct FollowRun {
    private let directory: LogDirectory<KernelDisk>
    private let path: String
    private var printer: RecordPrinter
    private var segment: CatalogSegment
    private var position: LogPosition
    /// Read whole, and not promised yet.
    private var held: LogBatch?
    /// How often in a row bytes stood at `position` that were no batch.
    private var failureCount = 0

    private static let pauseMicroseconds: UInt32 = 50_000
    private static let failureCountMax = 40

    init(_ source: LogSource, _ selection: Selection, asJSON: Bool) throws(DumpFailure) {
        guard case .directory(let path) = source else {
            throw DumpFailure(status: .badInvocation, message: "--follow takes a directory, not one segment")
        }
        self.path = path
        directory = LogDirectory(path, on: LogSource.disk)
        printer = RecordPrinter(selection, asJSON: asJSON)
        let segments = try Self.segments(directory, path)
        let start = segments.last { $0.baseZxid <= selection.startZxid } ?? segments.first
        guard let start else { throw .unreadable("\(path) has no segment yet") }
        segment = start
        position = start.header.firstPosition
    }

    private static func segments(
        _ directory: LogDirectory<KernelDisk>, _ path: String
    ) throws(DumpFailure) -> [CatalogSegment] {
        let metadata = try LogSource.metadata(in: path)
        return try LogSource.reading { () throws(DiskError) in try directory.segments(metadata).0 }
    }

    /// Goes on until the program is ended from outside, or the log cannot be followed further.
    mutating func run() throws(DumpFailure) -> ExitStatus {
        while true {
            let reason = try readBatches()
            try moveToSuccessor(because: reason)
            printer.flush()
            usleep(Self.pauseMicroseconds)
        }
    }

    /// Reads as far as whole batches stand; returns what stood there instead of one, nil if nothing.
    private mutating func readBatches() throws(DumpFailure) -> LogDefect.Reason? {
        // Opened anew each time: nothing in memory is from before it was written.
        let file = segment
        let reader: BatchReader<KernelDisk>
        do throws(DiskError) {
            reader = try BatchReader(LogSource.disk.open(file.path, access: .read), header: file.header)
        } catch {
            throw .unreadable("\(file.path) was removed before it was read to its end: \(error)")
        }
        while true {
            switch reader.batch(at: position) {
            case .batch(let header, let payload):
                failureCount = 0
                if let batch = held, header.durableEnd > batch.ordinal { release(batch) }
                let batch = LogBatch(header, payload: payload)
                if header.kind == .data { held = batch }
                position = batch.end
            case .empty: return nil
            case .defect(let reason): return reason
            }
        }
    }

    private mutating func release(_ batch: LogBatch) {
        printer.print(batch)
        held = nil
    }

    /// Follows a roll or a restart; the successor says where this segment ended.
    private mutating func moveToSuccessor(because reason: LogDefect.Reason?) throws(DumpFailure) {
        let segments = try Self.segments(directory, path)
        if let next = segments.first(where: { $0.header.predecessor.segment == segment.sequence }) {
            let end = next.header.predecessor
            if let batch = held {
                // What stands behind the declared end was torn or truncated, and never shown.
                if batch.ordinal < end.ordinal { release(batch) } else { held = nil }
            }
            guard position.ordinal >= end.ordinal else { return try fail(reason) }
            failureCount = 0
            segment = next
            position = next.header.firstPosition
        } else if reason != nil {
            try fail(reason)
        } else if let oldest = segments.first, oldest.sequence > segment.sequence {
            throw .unreadable("the log was purged up to zxid \(oldest.baseZxid), which was not read yet")
        }
    }

    /// A batch that is being written is no damage; one that stays so is.
    private mutating func fail(_ reason: LogDefect.Reason?) throws(DumpFailure) {
        failureCount += 1
        guard failureCount > Self.failureCountMax else { return }
        // A torn batch may stay until the server is started again.
        let report = try LogSource.directory(path).settledScan(
            after: { position.lastZxid }, progress: { _, _ in })
        guard report.verdict.isSafe else {
            printer.flush()
            throw DumpFailure(status: .damaged, message: "\(report.verdict)")
        }
        failureCount = 0
    }
}
