import Identifiers
import Jute
import TransactionLog

/// Prints the selected records of batches, each record once.
struct RecordPrinter {
    let selection: Selection
    let asJSON: Bool
    private(set) var lastZxid: Zxid
    private var output = Output()

    init(_ selection: Selection, asJSON: Bool) {
        self.selection = selection
        self.asJSON = asJSON
        lastZxid = selection.startZxid
    }

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
    }

    mutating func flush() { output.flush() }
}
