import Identifiers
import TransactionLog

/// Prints what the log holds, and says at its end why it ends there.
struct DumpRun {
    let source: LogSource
    let selection: Selection
    let asJSON: Bool

    func run() throws(DumpFailure) -> ExitStatus {
        let printer = PrinterBox(RecordPrinter(selection, asJSON: asJSON))
        let report = try source.settledScan(after: { printer.value.lastZxid }) { header, payload in
            if header.kind == .data { printer.value.print(LogBatch(header, payload: payload)) }
        }
        printer.value.flush()
        switch report.verdict {
        case .clean:
            return .sound
        case .torn:
            Output.note("zklogdump: \(report.verdict); it is not part of the log")
            return .sound
        case .damagedMiddle, .suspectTail:
            Output.note("zklogdump: \(report.verdict). Stopped there; see all with --verify.")
            return .damaged
        }
    }
}

/// Lets two closures of one scan share the printer.
final class PrinterBox {
    var value: RecordPrinter

    init(_ value: RecordPrinter) { self.value = value }
}
