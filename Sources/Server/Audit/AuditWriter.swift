import Disk
import Logging
import Synchronization

/// Lines of the audit log on their way to the disk.
struct AuditLines: Sendable {
    var bytes: [UInt8]
    var count: Int
}

/// The thread that writes the audit log, so that a slow disk keeps nobody waiting.
///
/// What cannot be written waits here and is tried again; whoever puts lines looks at `waitingByteCount` and
/// stops at a limit. Nothing is synced: a line that was written outlives this process, but not a power cut.
final class AuditWriter: @unchecked Sendable {
    private static let retryNanoseconds: UInt64 = 200_000_000
    private static let patienceNanoseconds: Int64 = 5_000_000_000

    let form: AuditStamp.Form
    /// For messages.
    let targetName: String
    /// No other lines are wanted.
    let onlyFailures: Bool
    private let logger: Logger
    private let queue = WorkQueue<AuditLines>()
    private let thread = OwnThread()
    /// Closed by the thread at its end.
    private let ended = WorkQueue<Void>()
    private let isStopping = Atomic(false)
    private let waiting = Atomic(0)
    private let written = Atomic<UInt64>(0)
    private let lost = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)
    // Used by the thread only.
    private var file: AuditFile
    private var isFailing = false

    /// Opens what is to be written to.
    init(_ settings: AuditSettings, logger: Logger) throws(DiskError) {
        self.logger = logger
        onlyFailures = settings.onlyFailures
        if let path = settings.file {
            form = .ownFile
            targetName = path
            file = try AuditFile(
                path, byteCountMax: settings.fileByteCountMax, backupCount: settings.backupCount)
        } else {
            form = .serverLog
            targetName = "standard error"
            file = AuditFile.standardError
        }
    }

    /// Bytes that were put and are not written yet.
    var waitingByteCount: Int { waiting.load(ordering: .relaxed) }
    var writtenLineCount: UInt64 { written.load(ordering: .relaxed) }
    /// Lines for which there was no room, and lines that were given up at the end.
    var lostLineCount: UInt64 { lost.load(ordering: .relaxed) }
    var failureCount: UInt64 { failures.load(ordering: .relaxed) }

    func start() {
        thread.start("audit") { [self] in run() }
    }

    /// Counts a line for which there was no room.
    func noteLoss() { lost.add(1, ordering: .relaxed) }

    /// Any thread may put; does not block.
    func put(_ lines: AuditLines) {
        waiting.add(lines.bytes.count, ordering: .relaxed)
        queue.put(lines)
    }

    /// Puts a line about the server itself.
    func put(_ operation: AuditOperation, _ result: AuditLine.Result) {
        if onlyFailures, result != .failure { return }
        var stamp = AuditStamp(form)
        var bytes: [UInt8] = []
        stamp.append(milliseconds: Clock.wallMilliseconds(), isFailure: result == .failure, to: &bytes)
        let asker = AuditAsker(system: AuditText(SystemFacts.userName))
        AuditLine(operation, result, by: asker).encode(into: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        put(AuditLines(bytes: bytes, count: 1))
    }

    /// Ends the thread after all that was put and a last line. What cannot be written then is given up.
    /// Blocks, but not for ever: whatever takes no bytes and gives no error is left alone after 5 seconds.
    func stop(saying operation: AuditOperation, _ result: AuditLine.Result) {
        put(operation, result)
        isStopping.store(true, ordering: .relaxed)
        queue.close()
        var nothing: [Void] = []
        let deadline = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
        guard ended.takeAll(into: &nothing, deadline: deadline) == .closed else {
            logger.error(
                "\(targetName) takes no lines of the audit log; \(waitingByteCount) bytes are given up")
            return
        }
        thread.join()
    }

    // MARK: The thread

    private func run() {
        var work: [AuditLines] = []
        while queue.takeAll(into: &work, deadline: nil) == .items {
            for lines in work { write(lines) }
            work.removeAll(keepingCapacity: true)
        }
        ended.close()
    }

    private func write(_ lines: AuditLines) {
        var offset = 0
        while offset < lines.bytes.count {
            do throws(DiskError) {
                try file.write(lines.bytes, from: &offset)
            } catch {
                noteFailure(error)
                if isStopping.load(ordering: .relaxed) { break }
                NamedThread.sleep(nanoseconds: Self.retryNanoseconds)
            }
        }
        if offset == lines.bytes.count {
            noteSuccess()
            written.add(UInt64(lines.count), ordering: .relaxed)
        } else {
            lost.add(UInt64(lines.count), ordering: .relaxed)
        }
        waiting.subtract(lines.bytes.count, ordering: .relaxed)
    }

    /// The first of several says everything.
    private func noteFailure(_ error: DiskError) {
        failures.add(1, ordering: .relaxed)
        if !isFailing { logger.error("the audit log cannot be written, its lines wait: \(error)") }
        isFailing = true
    }

    private func noteSuccess() {
        if isFailing { logger.notice("the audit log is written again") }
        isFailing = false
        guard let problem = file.takeRotationProblem() else { return }
        logger.error("the audit log is full and cannot be set aside, so it grows: \(problem)")
    }
}
