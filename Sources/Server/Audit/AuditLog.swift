import DataTree
import DequeModule
import Identifiers
import Jute
import Logging

/// The loop's side of the audit log: one line for each write of a client that is decided, in the order of
/// the log, and one for each ephemeral node that goes with its session.
///
/// A line is made when the record that decides the write is committed, which is when its reply leaves; so
/// no line says what did not happen. The loop only makes the lines; another thread writes them. Memory is
/// bounded: when lines wait for the disk up to a limit, further ones are lost, counted, and a line says
/// how many they were, once there is room for half of the limit again. Requests never wait.
final class AuditLog {
    /// About 200,000 lines.
    static let heldByteCountMax = 32 << 20
    private static let warningPauseMilliseconds: Int64 = 10_000

    private let writer: AuditWriter
    private let logger: Logger
    private let heldByteCountMax: Int
    private let systemUser: AuditText
    private var stamp: AuditStamp
    /// In the order of their zxids.
    private var undecided: Deque<AuditedRequest> = []
    private var lines: [UInt8] = []
    private var lineCount = 0
    private var lostInARow: UInt64 = 0
    private var nextWarningAt: Int64 = 0

    /// - Parameter heldByteCountMax: lines that are not written yet, in bytes.
    init(
        _ writer: AuditWriter, logger: Logger, heldByteCountMax: Int = AuditLog.heldByteCountMax
    ) {
        self.writer = writer
        self.logger = logger
        self.heldByteCountMax = heldByteCountMax
        systemUser = AuditText(SystemFacts.userName)
        stamp = AuditStamp(writer.form)
    }

    /// Keeps a request until it is decided.
    func expect(_ request: AuditedRequest) { undecided.append(request) }

    /// Makes the lines of a record that is committed and not applied yet.
    ///
    /// - Parameter time: now, milliseconds since 1970.
    func decide(_ record: RawSpan, _ zxid: Zxid, _ tree: borrowing DataTree, time: Int64) {
        let request = undecided.first.flatMap { $0.zxid == zxid && $0.hasRecord ? $0 : nil }
        if request != nil { undecided.removeFirst() }
        do throws(JuteDefect) {
            var reader = JuteReader(record)
            let header = try TransactionHeader(from: &reader)
            if header.type == .closeSession {
                try noteEnd(of: header.sessionID, reader, tree, time)
            } else if let request {
                try note(request, header.type, &reader, time)
            }
        } catch {
            // Applying the record finds the same, and ends the server.
        }
        decideRefused(upTo: zxid, time: time)
    }

    /// Makes the lines of requests that were refused without a record, behind those of the record before.
    func decideRefused(upTo zxid: Zxid, time: Int64) {
        while let request = undecided.first, !request.hasRecord, request.zxid <= zxid {
            undecided.removeFirst()
            noteRefusal(request, time)
        }
    }

    /// Gives what was gathered to the thread that writes.
    func handOver() {
        guard lineCount > 0 else { return }
        writer.put(AuditLines(bytes: lines, count: lineCount))
        lines = []
        lineCount = 0
    }

    // MARK: Lines

    private func note(
        _ request: AuditedRequest, _ type: OperationCode, _ reader: inout JuteReader, _ time: Int64
    ) throws(JuteDefect) {
        switch type {
        case .error:
            noteRefusal(request, time)
        case .multi:
            try note(items: try MultiTransaction(from: &reader), of: request, time)
        default:
            let path = request.isSequential ? AuditText(try reader.string()) : request.path
            append(
                AuditLine(
                    request.operation, .success, by: request.asker, node: path, flags: request.flags.first,
                    acl: request.acl), time)
        }
    }

    private func noteRefusal(_ request: AuditedRequest, _ time: Int64) {
        let flags = request.operation == .create ? request.flags.first : nil
        append(
            AuditLine(
                request.operation, .failure, by: request.asker, node: request.path, flags: flags,
                acl: request.acl), time)
    }

    /// A multi that was done leaves a line for each change, one that failed a single one.
    private func note(
        items: consuming MultiTransaction, of request: AuditedRequest, _ time: Int64
    ) throws(JuteDefect) {
        guard !items.isFailed else {
            noteRefusal(request, time)
            return
        }
        var index = 0
        while let item = items.next() {
            defer { index += 1 }
            guard item.type != .check, let operation = AuditOperation(item.type) else { continue }
            var reader = JuteReader(item.body)
            append(
                AuditLine(
                    operation, .success, by: request.asker, node: AuditText(try reader.string()),
                    flags: index < request.flags.count ? request.flags[index] : nil), time)
        }
    }

    private func noteEnd(
        of session: SessionID, _ reader: consuming JuteReader, _ tree: borrowing DataTree, _ time: Int64
    ) throws(JuteDefect) {
        let asker = AuditAsker(system: systemUser, session: AuditText(session.description))
        let end = try CloseSessionTransaction(from: &reader)
        guard end.isListed else {
            for path in tree.ephemeralPaths(of: session.rawValue) { noteEnd(path.span.bytes, asker, time) }
            return
        }
        var paths = end.paths
        while let path = paths.next() { noteEnd(path, asker, time) }
    }

    private func noteEnd(_ path: RawSpan, _ asker: AuditAsker, _ time: Int64) {
        append(
            AuditLine(
                .ephemeralZNodeDeletionOnSessionCloseOrExpire, .success, by: asker, node: AuditText(path)),
            time)
    }

    // MARK: The limit

    private func append(_ line: AuditLine, _ time: Int64) {
        if writer.onlyFailures, line.result != .failure { return }
        let heldByteCount = lines.count + writer.waitingByteCount
        // Once lines are lost, many are, and one line tells of all of them.
        guard heldByteCount <= (lostInARow == 0 ? heldByteCountMax : heldByteCountMax / 2) else {
            lose(time)
            return
        }
        if lostInARow > 0 { tellOfLoss(time) }
        encode(line, time)
    }

    private func encode(_ line: AuditLine, _ time: Int64) {
        stamp.append(milliseconds: time, isFailure: line.result == .failure, to: &lines)
        line.encode(into: &lines)
        lines.append(UInt8(ascii: "\n"))
        lineCount += 1
    }

    private func lose(_ time: Int64) {
        lostInARow += 1
        writer.noteLoss()
        guard time >= nextWarningAt else { return }
        nextWarningAt = time + Self.warningPauseMilliseconds
        logger.error(
            """
            lines of the audit log are lost, \(writer.lostLineCount) in all: \(heldByteCountMax >> 20) MiB of them wait for \
            \(writer.targetName), which takes them too slowly or not at all
            """)
    }

    private func tellOfLoss(_ time: Int64) {
        logger.notice("the audit log takes lines again; \(lostInARow) were lost")
        let asker = AuditAsker(system: systemUser)
        encode(AuditLine(.auditLinesLost, .failure, by: asker, lostCount: lostInARow), time)
        lostInARow = 0
    }
}

extension AuditLog {
    /// For `mntr`.
    var measures: [Measure] {
        [
            .counter("aviary_audit_lines", writer.writtenLineCount),
            .counter("aviary_audit_lines_lost", writer.lostLineCount),
            .counter("aviary_audit_write_errors", writer.failureCount),
            .gauge("aviary_audit_waiting_bytes", writer.waitingByteCount),
        ]
    }
}
