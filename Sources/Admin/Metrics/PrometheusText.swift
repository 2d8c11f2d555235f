import Server

/// Measures as Prometheus reads them: its text format 0.0.4, with names, kinds, quantiles and the label `key` as
/// Apache ZooKeeper's page has them.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What ZooKeeper's provider shows of a quantity, by how closely it is watched.
    private static let basicQuantiles = ["0.5"]
    private static let advancedQuantiles = ["0.5", "0.9", "0.99"]

    private(set) var text = ""
    /// Only samples with these names are shown; nil is all.
    private let wanted: Set<String>?
    /// Of the measure that is being shown: what stands in front of its first sample.
    private var head = ""

    init(only wanted: Set<String>? = nil) { self.wanted = wanted }

    /// Adds a measure; texts are left out, since nothing can be counted in them.
    mutating func append(_ measure: Measure) {
        let name = measure.name
        switch measure.value {
        case .text:
            break
        case .counter(let count):
            begin(name, "counter")
            sample(name, "", Self.text(count))
        case .gauge(let number):
            begin(name, "gauge")
            sample(name, "", Self.text(number))
        case .counters(let counters):
            begin(name, "counter")
            for counter in counters { sample(name, Self.label(counter.key), "\(counter.content)") }
        case .gauges(let gauges):
            begin(name, "gauge")
            for gauge in gauges { sample(name, Self.label(gauge.key), Self.text(gauge.content)) }
        case .summary(let summary):
            begin(name, "summary")
            append(name, summary)
        case .amounts(let amounts):
            begin(name, "summary")
            for amount in amounts {
                let label = Self.label(amount.key)
                sample(name + "_count", label, "\(amount.content.count)")
                sample(name + "_sum", label, "\(amount.content.sum)")
            }
        }
    }

    private mutating func append(_ name: String, _ summary: Measure.Summary) {
        let quantiles = summary.detail == .advanced ? Self.advancedQuantiles : Self.basicQuantiles
        for quantile in quantiles {
            let value = summary.count == 0 ? "NaN" : Self.text(summary.exactPercentile(Double(quantile) ?? 1))
            sample(name, "{quantile=\"\(quantile)\"}", value)
        }
        sample(name + "_count", "", "\(summary.count)")
        sample(name + "_sum", "", Self.text(summary.exactSum))
    }

    private mutating func begin(_ name: String, _ kind: String) {
        head = "# HELP \(name) \(name)\n# TYPE \(name) \(kind)\n"
        if wanted == nil { takeHead() }
    }

    private mutating func takeHead() {
        text += head
        head = ""
    }

    private mutating func sample(_ name: String, _ label: String, _ value: String) {
        if let wanted, !wanted.contains(name) { return }
        takeHead()
        text += "\(name)\(label) \(value)\n"
    }

    // MARK: Pieces

    private static func text(_ number: Measure.Number) -> String {
        switch number {
        case .integer(let integer): "\(integer)"
        case .decimal(let decimal): text(decimal)
        }
    }

    /// As Go reads it.
    private static func text(_ decimal: Double) -> String {
        if decimal.isNaN { return "NaN" }
        if decimal.isInfinite { return decimal > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: decimal) { return "\(whole)" }
        return "\(decimal)"
    }

    /// A key comes from the tree, where clients put it.
    private static func label(_ key: String) -> String {
        var escaped = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "{key=\"\(escaped)\"}"
    }
}
