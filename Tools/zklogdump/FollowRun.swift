import Disk
import Glibc
import Identifiers
import Metadata
import TransactionLog

/// Prints what is there and then what a running server adds, as soon as it is promised durable.
///
/// A batch is printed when a later header of the log says that it was durable, so nothing is shown that
/// a crash could take back. An idle server writes that header a few milliseconds after the batch; where
/// its segment has no room left for it, the slots say so about a second later. Only a truncation takes back
/// what was shown, and then a line says so.
struct FollowRun {
    private let path: String
    private let directory: LogDirectory<KernelDisk>
    private var printer: RecordPrinter
    private var segment: CatalogSegment
    /// Stays open, so that a purge takes away the name only.
    private var file: KernelFile
    private var position: LogPosition
    /// Read whole, and not promised yet.
    private var held: [LogBatch] = []
    /// How often in a row bytes stood at `position` that were no batch.
    private var failureCount = 0
    private var failureCountMax = 40

    /// How many pauses a batch waits for its promise before the slots are asked.
    private var pauseCountUntilSlots = pausesForSlots

    private static let pauseMicroseconds: UInt32 = 50_000
    private static let pausesForSlots = 10

    init(_ source: LogSource, _ selection: Selection, asJSON: Bool) throws(DumpFailure) {
        guard case .directory(let path) = source else {
            throw DumpFailure(status: .badInvocation, message: "--follow takes a directory, not one segment")
        }
        self.path = path
        directory = LogDirectory(path, on: LogSource.disk)
        printer = RecordPrinter(selection, asJSON: asJSON)
        // A purge may take a segment away between the list and the file.
        while true {
            do throws(DumpFailure) {
                let segments = try Self.segments(directory, path)
                let start = segments.last { $0.baseZxid <= selection.startZxid } ?? segments.first
                guard let start else { throw .unreadable("\(path) has no segment yet") }
                file = try LogSource.reading { () throws(DiskError) in
                    try LogSource.disk.open(start.path, access: .read)
                }
                segment = start
                position = start.header.firstPosition
                return
            } catch {
                guard error.isMissingFile else { throw error }
            }
        }
    }

    private static func segments(
        _ directory: LogDirectory<KernelDisk>, _ path: String
    ) throws(DumpFailure) -> [CatalogSegment] {
        let metadata = try LogSource.metadata(in: path)
        return try LogSource.reading { () throws(DiskError) in try directory.segments(metadata).0 }
    }

    /// Goes on until the last record that is wanted was printed, or the log cannot be followed further.
    /// Without an end it is ended from outside, by SIGINT.
    mutating func run() throws(DumpFailure) -> ExitStatus {
        while true {
            let reason = try readBatches()
            let hasMoved = try moveOn(because: reason)
            if !hasMoved { try askSlots() }
            printer.flush()
            if printer.isFinished { return .sound }
            if !hasMoved { usleep(Self.pauseMicroseconds) }
        }
    }

    /// Releases, now and then, what no header promises and the slots know to be durable.
    private mutating func askSlots() throws(DumpFailure) {
        pauseCountUntilSlots = held.isEmpty ? Self.pausesForSlots : pauseCountUntilSlots - 1
        guard pauseCountUntilSlots <= 0 else { return }
        pauseCountUntilSlots = Self.pausesForSlots
        release(below: try LogSource.metadata(in: path).watermark.ordinal)
    }

    /// Reads as far as whole batches stand; returns what stood there instead of one, nil if nothing.
    private mutating func readBatches() throws(DumpFailure) -> LogDefect.Reason? {
        // Made anew each time: nothing in memory is from before it was written.
        let (file, header) = (file, segment.header)
        let reader = try LogSource.reading { () throws(DiskError) in
            try BatchReader<KernelDisk>(file, header: header)
        }
        while true {
            switch reader.batch(at: position) {
            case .batch(let header, let payload):
                failureCount = 0
                release(below: header.durableEnd)
                let batch = LogBatch(header, payload: payload)
                if header.kind == .data { held.append(batch) }
                position = batch.end
            case .empty: return nil
            case .defect(let reason):
                guard let next = reader.boundary(behindDamageAt: position, declaredEnd: nil) else {
                    return reason
                }
                position = next
            }
        }
    }

    /// Prints the batches below an ordinal: they are durable.
    private mutating func release(below ordinal: UInt64) {
        while let batch = held.first, batch.ordinal < ordinal {
            printer.print(batch)
            held.removeFirst()
        }
    }

    /// Follows a roll, a restart or a truncation into the next segment; false if there is none to go to.
    private mutating func moveOn(because reason: LogDefect.Reason?) throws(DumpFailure) -> Bool {
        do throws(DumpFailure) {
            guard let next = try successor() else {
                if reason != nil { try fail() }
                return false
            }
            let end = next.header.predecessor
            guard end.segment <= segment.sequence else { throw Self.purged(next) }
            // What is missing up to the end may hold no record: a damaged footer, say.
            let isWhole = position.ordinal >= end.ordinal || position.lastZxid == end.lastZxid
            if end.segment == segment.sequence, !isWhole {
                // More was written before the roll; or this segment is damaged, and a scan will say so; or
                // it was purged, and gets shorter under our hands.
                guard try isListed(segment) else { throw Self.purged(next) }
                try fail()
                return reason == nil
            }
            let nextFile = try LogSource.reading { () throws(DiskError) in
                try LogSource.disk.open(next.path, access: .read)
            }
            release(below: end.ordinal)
            // What stands behind the declared end was torn, or truncated.
            held = []
            printer.retract(after: end.lastZxid)
            segment = next
            file = nextFile
            position = next.header.firstPosition
            failureCount = 0
            return true
        } catch {
            // A segment was purged or renamed between its listing and its opening: look again.
            guard error.isMissingFile else { throw error }
            return false
        }
    }

    private static func purged(_ next: CatalogSegment) -> DumpFailure {
        .unreadable("the log was purged up to zxid \(next.baseZxid), which was not read yet")
    }

    private func isListed(_ segment: CatalogSegment) throws(DumpFailure) -> Bool {
        let directory = directory
        return try LogSource.reading { () throws(DiskError) in try directory.files() }.contains { name in
            if case .live(let sequence, _) = name { sequence == segment.sequence } else { false }
        }
    }

    /// The first segment behind the one that is read. Looks at names only while there is none.
    private func successor() throws(DumpFailure) -> CatalogSegment? {
        let directory = directory
        let names = try LogSource.reading { () throws(DiskError) in try directory.files() }
        let hasLater = names.contains { name in
            if case .live(let sequence, _) = name { sequence > segment.sequence } else { false }
        }
        guard hasLater else { return nil }
        return try Self.segments(directory, path).first { $0.sequence > segment.sequence }
    }

    /// A batch that is being written is no damage; one that stays so is.
    private mutating func fail() throws(DumpFailure) {
        failureCount += 1
        guard failureCount > failureCountMax else { return }
        let report = try LogSource.directory(path).settledScan(
            after: position.lastZxid, progress: { _, _ in })
        guard report.verdict.isSafe else {
            printer.flush()
            throw DumpFailure(status: .damaged, message: "\(report.verdict)")
        }
        // A torn batch may stay until the server is started again; a minute's wait is long enough.
        failureCount = 0
        failureCountMax = min(2 * failureCountMax, 1200)
    }
}
