/// What was measured for one batch size.
struct BenchRow {
    let recordCount: Int
    let byteCount: Int
    /// The bare loop that writes the same bytes over and over.
    var same: [Turn] = []
    /// The bare loop that writes bytes it has not written just before.
    var fresh: [Turn] = []
    var log: [Turn] = []

    init(recordCount: Int, byteCount: Int) {
        self.recordCount = recordCount
        self.byteCount = byteCount
    }

    static let heading = [
        "                | bare, same bytes         | bare, fresh bytes        | log                      "
            + "| log to bare, same bytes   | log to bare, fresh bytes",
        "records   bytes |   syncs/s  p50 us p99 us |   syncs/s  p50 us p99 us |   syncs/s  p50 us p99 us "
            + "| syncs/s    low-high   p50 | syncs/s    low-high   p50",
    ]

    var text: String {
        pad("\(recordCount)", 7) + pad("\(byteCount)", 8) + " |" + side(same) + " |" + side(fresh) + " |"
            + side(log) + " |" + ratios(to: same) + " |" + ratios(to: fresh)
    }

    var json: String {
        """
        {"records": \(recordCount), "bytes": \(byteCount), "bare_syncs_per_s": \(Int(rate(same))), \
        "fresh_syncs_per_s": \(Int(rate(fresh))), "log_syncs_per_s": \(Int(rate(log))), \
        "bare_p50_us": \(p50(same)), "fresh_p50_us": \(p50(fresh)), "log_p50_us": \(p50(log)), \
        "ratio_syncs": \(fixed(median(rates(to: same)))), "ratio_p50": \(fixed(p50(log) / p50(same))), \
        "ratio_fresh_syncs": \(fixed(median(rates(to: fresh)))), \
        "ratio_fresh_p50": \(fixed(p50(log) / p50(fresh)))}
        """
    }

    /// The log's syncs per second by a bare loop's, round by round.
    private func rates(to bare: [Turn]) -> [Double] {
        zip(bare, log).map { Double($0.total) / Double($1.total) }
    }

    private func ratios(to bare: [Turn]) -> String {
        let rates = rates(to: bare)
        return pad(fixed(median(rates)), 8)
            + pad("\(fixed(rates.min() ?? 0))-\(fixed(rates.max() ?? 0))", 11)
            + pad(fixed(p50(log) / p50(bare)), 6)
    }

    private func rate(_ turns: [Turn]) -> Double {
        median(turns.map { Double($0.nanoseconds.count) * 1e9 / Double($0.total) })
    }

    private func p50(_ turns: [Turn]) -> Double { percentile(turns, 0.5) }

    private func percentile(_ turns: [Turn], _ fraction: Double) -> Double {
        (Double(Turn(nanoseconds: turns.flatMap(\.nanoseconds)).percentile(fraction)) / 100).rounded() / 10
    }

    private func side(_ turns: [Turn]) -> String {
        pad("\(Int(rate(turns)))", 9) + pad("\(p50(turns))", 8) + pad("\(percentile(turns, 0.99))", 7)
    }

    private func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    private func fixed(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
