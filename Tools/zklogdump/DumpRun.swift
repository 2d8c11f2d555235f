import DumpOutput
import Identifiers
import TransactionLog

/// Prints what the log holds, and says at its end why it ends there.
struct DumpRun {
    let source: LogSource
    let selection: Selection
    let asJSON: Bool

    func run() throws(DumpFailure) -> ExitStatus {
        var printer = RecordPrinter(selection, asJSON: asJSON)
        let reachedZxid = try printIntact(&printer)
        // What stands behind the last record that is wanted does not matter.
        if printer.isFinished {
            printer.flush()
            return .sound
        }
        let report = try source.settledScan(after: reachedZxid) { header, payload in
            if header.kind == .data, !printer.isFinished { printer.print(LogBatch(header, payload: payload)) }
        }
        printer.flush()
        switch report.verdict {
        case .clean:
            return .sound
        case .torn:
            OutputBuffer.note("zklogdump: \(report.verdict); it is not part of the log")
            return .sound
        case .damagedMiddle, .suspectTail:
            OutputBuffer.note("zklogdump: \(report.verdict). Stopped there; see all with --verify.")
            return .damaged
        }
    }

    /// Prints batch by batch as long as one stands there; returns the last zxid that was read.
    private func printIntact(_ printer: inout RecordPrinter) throws(DumpFailure) -> Zxid {
        var reachedZxid = Zxid.zero
        do throws(DumpFailure) {
            var walk = try BatchWalk(source, selection)
            reachedZxid = walk.reachedZxid
            while !printer.isFinished, let (header, payload) = try walk.next() {
                reachedZxid = walk.reachedZxid
                if header.kind == .data { printer.print(LogBatch(header, payload: payload)) }
            }
        } catch {
            // A purge took a segment away; what is left is scanned later.
            guard error.isMissingFile else { throw error }
        }
        return reachedZxid
    }
}
