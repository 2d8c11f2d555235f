import DumpOutput
import Identifiers
import TransactionLog

/// A log's figures as tables that fit a terminal of 80 columns.
struct FiguresText {
    private static let busiestCount = 8
    private static let barWidth = 24

    private let figures: LogFigures
    private let report: RecoveryReport

    init(_ figures: LogFigures, _ report: RecoveryReport) {
        self.figures = figures
        self.report = report
    }

    var text: String {
        let tables = [overview, distributions, types, parents, sessions, timeline, ["\(report.verdict)"]]
        return tables.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
            + "\n"
    }

    private var overview: [String] {
        let figures = figures
        var lines: [String] = []
        if let firstZxid = figures.firstZxid, let firstTime = figures.firstTime {
            lines += [
                "zxids    \(firstZxid.dotted) \(firstZxid) to \(figures.lastZxid.dotted) \(figures.lastZxid)",
                "time     \(CivilTime.text(firstTime)) to \(CivilTime.text(figures.lastTime))",
            ]
        }
        let rate = rounded(Double(figures.recordCount) / figures.spanSeconds)
        lines += [
            "records  \(figures.recordCount), \(rate) a second",
            "batches  \(figures.batchCount) with records, \(figures.markCount) without, "
                + "in \(report.segments.count) segments",
            "bytes    \(figures.rawByteCount) of records, \(figures.payloadByteCount) compressed "
                + "(\(rounded(figures.compressionRatio)) : 1)",
            "         \(figures.fileByteCount) in files, with headers and padding",
        ]
        return lines
    }

    private var distributions: [String] {
        func line(_ name: String, _ histogram: Histogram) -> String {
            let values = [0.5, 0.9, 0.99].map { "\(histogram.percentile($0))" } + ["\(histogram.max)"]
            return padded(name, 18) + values.map { right($0, 12) }.joined()
        }
        guard figures.batchCount > 0 else { return [] }
        return [
            padded("", 18) + ["median", "90 %", "99 %", "most"].map { right($0, 12) }.joined(),
            line("bytes a record", figures.recordByteCounts),
            line("records a batch", figures.batchRecordCounts),
            line("bytes a batch", figures.batchByteCounts),
        ]
    }

    private var types: [String] {
        guard figures.recordCount > 0 else { return [] }
        var lines = [
            padded("type", 18) + ["records", "share", "bytes", "mean"].map { right($0, 12) }.joined()
        ]
        for (name, share) in figures.typesByCount {
            let percent = rounded(100 * Double(share.recordCount) / Double(figures.recordCount)) + " %"
            let mean = share.byteCount / max(1, share.recordCount)
            let values = ["\(share.recordCount)", percent, "\(share.byteCount)", "\(mean)"]
            lines.append(padded(name, 18) + values.map { right($0, 12) }.joined())
        }
        lines += listed("in multis", figures.partCounts) + listed("errors", figures.errorCounts)
        return lines
    }

    /// `errors            12 NoNode, 3 BadVersion`, in as many lines as it takes.
    private func listed(_ name: String, _ counts: [String: Int]) -> [String] {
        var lines: [String] = []
        var line = padded(name, 18)
        for (name, count) in LogFigures.byCount(counts) {
            let word = "\(count) \(name)"
            if line.count + word.count + 2 > 79 {
                lines.append(line)
                line = padded("", 18)
            }
            line += (line.hasSuffix(" ") ? "" : ", ") + word
        }
        return counts.isEmpty ? [] : lines + [line]
    }

    private var parents: [String] {
        busiest(figures.parents, shown: SafeText.escaped) { count in
            "changes       data  below; the busiest of \(count) parents"
        }
    }

    private var sessions: [String] {
        busiest(figures.sessions, shown: SafeText.hexadecimal) { count in
            "records      bytes  session; the busiest of \(count), \(figures.openedSessionCount) opened, "
                + "\(figures.closedSessionCount) closed"
        }
    }

    /// - Parameter heading: what stands above, given how many keys there are.
    private func busiest<Key>(
        _ busiest: Busiest<Key>, shown: (Key) -> String, heading: (_ count: String) -> String
    ) -> [String] {
        let top = busiest.top(Self.busiestCount)
        guard !top.isEmpty else { return [] }
        let lines = top.map { key, tally in
            right("\(tally.recordCount)", 7) + right("\(tally.byteCount)", 11) + "  " + shown(key)
        }
        return [heading("\(busiest.isExact ? "" : "over ")\(busiest.keyCount)")] + lines
    }

    private var timeline: [String] {
        let rows = figures.timeline.rows
        guard rows.count > 1 else { return [] }
        let seconds = Double(figures.timeline.rowMilliseconds) / 1000
        let most = rows.map(\.recordCount).max() ?? 0
        let peak = figures.timeline.busiestSecond
        var lines = [padded("from", 21) + right("records", 10) + right("a second", 11) + right("bytes", 12)]
        for row in rows {
            let bar = Self.barWidth * row.recordCount / max(1, most)
            let line =
                padded(String(CivilTime.text(row.start).prefix(19)) + "Z", 21)
                + right("\(row.recordCount)", 10)
                + right(rounded(Double(row.recordCount) / seconds), 11) + right("\(row.byteCount)", 12)
            lines.append(bar == 0 ? line : line + " " + String(repeating: "#", count: bar))
        }
        lines.append("most in one second: \(peak.recordCount), at \(CivilTime.text(peak.start).prefix(19))Z")
        return lines
    }

    private func rounded(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
