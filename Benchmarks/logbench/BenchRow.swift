/// What was measured for one batch size.
struct BenchRow {
    let recordCount: Int
    let byteCount: Int
    var bare: [Turn] = []
    var log: [Turn] = []

    init(recordCount: Int, byteCount: Int) {
        self.recordCount = recordCount
        self.byteCount = byteCount
    }

    static let heading =
        "records   bytes |  bare/s  p50 us  p99 us |   log/s  p50 us  p99 us |  ratio/s  lowest-highest  ratio p50"

    var text: String {
        let ratios = roundRatios
        return pad("\(recordCount)", 7) + pad("\(byteCount)", 8) + " |" + side(bare) + " |" + side(log) + " |"
            + pad(fixed(median(ratios)), 9)
            + pad("\(fixed(ratios.min() ?? 0))-\(fixed(ratios.max() ?? 0))", 16)
            + pad(fixed(ratioP50), 11)
    }

    var json: String {
        """
        {"records": \(recordCount), "bytes": \(byteCount), "bare_syncs_per_s": \(Int(rate(bare))), \
        "log_syncs_per_s": \(Int(rate(log))), "bare_p50_us": \(p50(bare)), "log_p50_us": \(p50(log)), \
        "ratio_syncs": \(fixed(median(roundRatios))), "ratio_p50": \(fixed(ratioP50))}
        """
    }

    /// The log's syncs per second by the bare loop's, round by round.
    private var roundRatios: [Double] { zip(bare, log).map { Double($0.total) / Double($1.total) } }

    private var ratioP50: Double { p50(log) / p50(bare) }

    private func rate(_ turns: [Turn]) -> Double {
        median(turns.map { Double($0.nanoseconds.count) * 1e9 / Double($0.total) })
    }

    private func p50(_ turns: [Turn]) -> Double { percentile(turns, 0.5) }

    private func percentile(_ turns: [Turn], _ fraction: Double) -> Double {
        (Double(Turn(nanoseconds: turns.flatMap(\.nanoseconds)).percentile(fraction)) / 100).rounded() / 10
    }

    private func side(_ turns: [Turn]) -> String {
        pad("\(Int(rate(turns)))", 8) + pad("\(p50(turns))", 8) + pad("\(percentile(turns, 0.99))", 8)
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
