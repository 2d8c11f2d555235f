import DumpOutput
import Identifiers
import Jute
import TransactionLog

/// Prints the selected records of batches, each record once.
struct RecordPrinter {
    let selection: Selection
    let asJSON: Bool
    /// The last record that was looked at, whether it was selected or not.
    private(set) var lastZxid: Zxid
    /// Whether `lastZxid` was read, not only asked for.
    private var hasRead = false
    private var output = OutputBuffer()

    init(_ selection: Selection, asJSON: Bool) {
        self.selection = selection
        self.asJSON = asJSON
        lastZxid = selection.startZxid
    }

    /// Whether no later record can be selected.
    var isFinished: Bool { lastZxid >= selection.toZxid ?? Zxid(rawValue: .max) }

    mutating func print(_ batch: LogBatch) {
        guard batch.lastZxid > lastZxid else { return }
        batch.forEachRecord(after: lastZxid) { zxid, record in
            guard selection.contains(zxid) else { return }
            do {
                let transaction = try Transaction(record)
                guard selection.contains(transaction) else { return }
                output.write(
                    asJSON
                        ? Rendering.json(transaction, zxid: zxid, batch: batch)
                        : Rendering.lines(transaction, zxid: zxid))
            } catch {
                guard selection.takesUnknown else { return }
                output.write(
                    Rendering.unknown(
                        zxid, byteCount: record.byteCount, reason: "\(error)", asJSON: asJSON))
            }
        }
        lastZxid = batch.lastZxid
        hasRead = true
    }

    /// Takes back what was printed after `zxid`, because the log was truncated there: says so, and prints
    /// what follows even if it has the same zxids.
    mutating func retract(after zxid: Zxid) {
        guard hasRead, zxid < lastZxid else { return }
        lastZxid = max(zxid, selection.startZxid)
        hasRead = zxid > selection.startZxid
        output.write(Rendering.truncation(after: lastZxid, asJSON: asJSON))
    }

    mutating func flush() { output.flush() }
}
