import Testing

@testable import zkload

@Suite struct LatencyHistogramTests {
    @Test(arguments: [0, 1, 63, 64, 127, 128, 129, 1000, 65_535, 1_234_567, 987_654_321_012] as [Int64])
    func aLoneLatencyIsReportedWithinOnePercent(nanoseconds: Int64) {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: nanoseconds)
        histogram.record(nanoseconds: nanoseconds * 10 + 10_000)
        let reported = histogram.percentile(0.5)
        #expect(abs(Double(reported - nanoseconds)) <= Double(nanoseconds) * 0.01)
    }

    @Test func percentilesOfEvenlySpreadLatenciesAreWithinOnePercent() {
        var histogram = LatencyHistogram()
        for microseconds in 1...100_000 { histogram.record(nanoseconds: Int64(microseconds) * 1000) }
        for fraction in [0.5, 0.9, 0.99, 0.999] {
            let exact = fraction * 100_000_000
            #expect(abs(Double(histogram.percentile(fraction)) - exact) <= exact * 0.01)
        }
        #expect(histogram.maxNanoseconds == 100_000_000)
        #expect(histogram.meanNanoseconds == 50_000_500)
        #expect(histogram.count == 100_000)
    }

    @Test func noPercentileExceedsTheGreatestLatency() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: 1_000_000)
        #expect(histogram.percentile(1) == 1_000_000)
    }

    @Test func theLongestLatencyThereIsStillHasABucket() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: .max)
        #expect(histogram.count == 1)
        #expect(histogram.percentile(0.5) > Int64.max / 100 * 99)
    }
}
