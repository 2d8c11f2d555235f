import Server
import Testing
import TransactionLog

@testable import Admin

/// The text that Prometheus reads.
@Suite struct PrometheusTextTests {
    private static func text(_ measures: [Measure], only wanted: Set<String>? = nil) -> String {
        var text = PrometheusText(only: wanted)
        for measure in measures { text.append(measure) }
        return text.text
    }

    private static func summary(_ values: [UInt64], _ detail: Measure.Summary.Detail) -> Measure {
        var histogram = Histogram()
        for value in values { histogram.record(value) }
        return Measure("took_ms", .summary(Measure.Summary(histogram, dividedBy: 1000, detail)))
    }

    @Test func aCounterAndAGaugeAreOneSampleEach() {
        let text = Self.text([
            Measure("asked", .counter(.integer(3))), Measure("load", .gauge(.decimal(0.5))),
            Measure("version", .text("3.9.3")),
        ])
        #expect(
            text == """
                # HELP asked asked
                # TYPE asked counter
                asked 3
                # HELP load load
                # TYPE load gauge
                load 0.5

                """)
    }

    @Test func aSummaryHasItsQuantilesInItsOwnUnitWithFractions() {
        #expect(
            Self.text([Self.summary([500, 500, 500], .basic)]) == """
                # HELP took_ms took_ms
                # TYPE took_ms summary
                took_ms{quantile="0.5"} 0.5
                took_ms_count 3
                took_ms_sum 1.5

                """)
        let advanced = Self.text([Self.summary([3000], .advanced)])
        for quantile in ["0.5", "0.9", "0.99"] {
            #expect(advanced.contains("took_ms{quantile=\"\(quantile)\"} 3\n"))
        }
    }

    @Test func aSummaryOfNothingHasNoQuantiles() {
        #expect(Self.text([Self.summary([], .basic)]).contains("took_ms{quantile=\"0.5\"} NaN\n"))
    }

    @Test func aKeyCannotEndItsLabelOrItsLine() {
        let text = Self.text([
            Measure("quota", .gauges([.init("a\"b\\c\nd", .integer(1))]))
        ])
        #expect(text.hasSuffix("quota{key=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }

    @Test func aSetWithoutMembersStillHasItsKind() {
        #expect(
            Self.text([Measure("refused", .counters([]))])
                == "# HELP refused refused\n# TYPE refused counter\n")
    }

    @Test func onlySamplesThatAreAskedForAreShown() {
        let measures = [Self.summary([1000], .basic), Measure("asked", .counter(.integer(3)))]
        #expect(
            Self.text(measures, only: ["took_ms_count"])
                == "# HELP took_ms took_ms\n# TYPE took_ms summary\ntook_ms_count 1\n")
        #expect(Self.text(measures, only: []) == "")
    }

    @Test func numbersAreWhatGoReads() {
        let numbers: KeyValuePairs<Double, String> = [
            .infinity: "+Inf", -.infinity: "-Inf", .nan: "NaN", 2: "2", 0.25: "0.25", 1e300: "1e+300",
        ]
        for (number, text) in numbers {
            #expect(Self.text([Measure("x", .gauge(.decimal(number)))]).hasSuffix("\nx \(text)\n"))
        }
    }
}
