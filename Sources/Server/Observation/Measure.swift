import DataTree
import TransactionLog

/// One thing that the server measures, as it stands at one moment.
///
/// The core makes one list of them; `mntr`, the HTTP command `monitor` and the page for Prometheus are
/// forms of that list. Names that ZooKeeper has mean what they mean there, in its units; those that begin
/// with `aviary_` are this server's own.
package struct Measure: Sendable {
    package enum Value: Sendable {
        /// Said in words: the version, the state.
        case text(String)
        /// Only grows, until `srst` sets it back.
        case counter(Number)
        /// Goes up and down.
        case gauge(Number)
        /// A quantity that was measured again and again.
        case summary(Summary)
        /// A gauge for each of several things.
        case gauges([Keyed<Number>])
        /// A counter for each of several things.
        case counters([Keyed<UInt64>])
        /// A quantity that was measured again and again, for each of several things; without percentiles.
        case amounts([Keyed<Amounts>])
    }

    /// ZooKeeper shows whole numbers and fractions differently.
    package enum Number: Sendable, Equatable {
        case integer(Int64)
        case decimal(Double)
    }

    /// One of a set, under the name of what it is about.
    package struct Keyed<Content: Sendable>: Sendable {
        package let key: String
        package let content: Content

        package init(_ key: String, _ content: Content) {
            self.key = key
            self.content = content
        }
    }

    package let name: String
    package let value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    static func text(_ name: String, _ text: String) -> Self { Self(name, .text(text)) }

    static func counter(_ name: String, _ count: UInt64) -> Self {
        Self(name, .counter(.integer(Int64(clamping: count))))
    }

    static func gauge(_ name: String, _ number: some BinaryInteger) -> Self {
        Self(name, .gauge(.integer(Int64(clamping: number))))
    }

    static func gauge(_ name: String, decimal: Double) -> Self { Self(name, .gauge(.decimal(decimal))) }

    /// - Parameter divisor: what a recorded value is divided by for the unit that the name stands for.
    static func summary(
        _ name: String, _ histogram: Histogram, dividedBy divisor: UInt64 = 1,
        _ detail: Summary.Detail = .basic
    ) -> Self {
        Self(name, .summary(Summary(histogram, dividedBy: divisor, detail)))
    }
}

extension Measure {
    /// All values of a quantity so far: how many, their sum, the least and the greatest.
    package struct Amounts: Sendable, Equatable {
        package let count: UInt64
        package let sum: UInt64
        package let minimum: UInt64
        package let maximum: UInt64

        init(_ amounts: NamespaceCounts.Amounts) {
            count = amounts.count
            sum = amounts.sum
            minimum = amounts.least
            maximum = amounts.greatest
        }

        /// With four decimals; 0 if there is none.
        package var mean: Double { Measure.mean(Double(sum), count) }
    }

    fileprivate static func mean(_ sum: Double, _ count: UInt64) -> Double {
        count == 0 ? 0 : (sum / Double(count) * 10_000).rounded() / 10_000
    }

    /// The same with percentiles: how many, their sum, least, greatest and percentiles.
    package struct Summary: Sendable {
        /// How closely ZooKeeper watches it.
        package enum Detail: Sendable {
            /// In `mntr` without percentiles.
            case basic
            case advanced
        }

        package let detail: Detail
        private let histogram: Histogram
        private let divisor: UInt64

        package init(_ histogram: Histogram, dividedBy divisor: UInt64 = 1, _ detail: Detail = .basic) {
            self.histogram = histogram
            self.divisor = divisor
            self.detail = detail
        }

        package var count: UInt64 { histogram.count }
        /// In whole units, like the next three.
        package var sum: UInt64 { histogram.sum / divisor }
        package var minimum: UInt64 { histogram.min / divisor }
        package var maximum: UInt64 { histogram.max / divisor }

        /// The value that `fraction` (0...1) of all do not exceed, at most a quarter too high.
        package func percentile(_ fraction: Double) -> UInt64 { histogram.percentile(fraction) / divisor }

        /// The sum with its fraction, which a rate can be made of when single values are below one unit.
        package var exactSum: Double { Double(histogram.sum) / Double(divisor) }

        /// The same as `percentile`, with its fraction.
        package func exactPercentile(_ fraction: Double) -> Double {
            Double(histogram.percentile(fraction)) / Double(divisor)
        }

        /// With four decimals; 0 if there is none.
        package var mean: Double { Measure.mean(exactSum, count) }
    }
}

extension Histogram {
    /// Of one value, or of none.
    init(of value: UInt64?) {
        self.init()
        if let value { record(value) }
    }
}
