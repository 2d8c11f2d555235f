import DumpOutput
import Identifiers
import TransactionLog

/// Counts what the log holds.
struct StatsRun {
    let source: LogSource
    let asJSON: Bool

    func run() throws(DumpFailure) -> ExitStatus {
        var figures = LogFigures()
        let report = try source.settledScan(after: .zero) { header, payload in figures.note(header, payload) }
        var output = OutputBuffer()
        output.write(
            asJSON
                ? FiguresObject(figures, report).object.text + "\n" : FiguresText(figures, report).text)
        output.flush()
        return report.verdict.isSafe ? .sound : .damaged
    }
}
