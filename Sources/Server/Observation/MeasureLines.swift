/// Measures as single figures under ZooKeeper's names: one line each in `mntr`, one field each in the
/// answer to the HTTP command `monitor`.
extension Measure {
    package enum Figure: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case decimal(Double)

        init(_ number: Number) {
            switch number {
            case .integer(let integer): self = .integer(integer)
            case .decimal(let decimal): self = .decimal(decimal)
            }
        }

        init(_ count: UInt64) { self = .integer(Int64(clamping: count)) }
    }

    /// Each figure with its name, in order. Summaries have five, and with percentiles nine; one of a set
    /// has its key in front of the name.
    package var figures: [(name: String, figure: Figure)] {
        switch value {
        case .text(let text): [(name, .text(text))]
        case .counter(let count): [(name, Figure(count))]
        case .gauge(let number): [(name, Figure(number))]
        case .summary(let summary): summary.figures(name)
        case .gauges(let gauges): gauges.map { ("\($0.key)_\(name)", Figure($0.content)) }
        case .counters(let counters): counters.map { ("\($0.key)_\(name)", Figure($0.content)) }
        case .amounts(let amounts): amounts.flatMap { $0.content.figures("\($0.key)_\(name)") }
        }
    }

    /// What `mntr` says: a line a figure, name and value with a tab between them.
    static func lines(_ measures: [Measure]) -> String {
        var text = ""
        for measure in measures {
            for (name, figure) in measure.figures { text += "zk_\(name)\t\(figure)\n" }
        }
        return text
    }
}

extension Measure.Figure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        case .decimal(let decimal): "\(decimal)"
        }
    }
}

extension Measure.Amounts {
    /// Whole units, the mean with four decimals.
    fileprivate func figures(_ name: String) -> [(name: String, figure: Measure.Figure)] {
        Measure.fiveFigures(name, mean, minimum, maximum, count, sum)
    }
}

extension Measure.Summary {
    private static let percentiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)]

    /// The same, with percentiles of what ZooKeeper watches closely.
    fileprivate func figures(_ name: String) -> [(name: String, figure: Measure.Figure)] {
        let five = Measure.fiveFigures(name, mean, minimum, maximum, count, sum)
        guard detail == .advanced else { return five }
        return five + Self.percentiles.map { ("\($0)_\(name)", .init(percentile($1))) }
    }
}

extension Measure {
    fileprivate static func fiveFigures(
        _ name: String, _ mean: Double, _ minimum: UInt64, _ maximum: UInt64, _ count: UInt64, _ sum: UInt64
    ) -> [(name: String, figure: Figure)] {
        [
            ("avg_\(name)", .decimal(mean)), ("min_\(name)", .init(minimum)), ("max_\(name)", .init(maximum)),
            ("cnt_\(name)", .init(count)), ("sum_\(name)", .init(sum)),
        ]
    }
}
