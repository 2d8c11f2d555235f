import Compression
import DumpOutput
import Identifiers
import Metadata
import Testing

@testable import TransactionLog
@testable import zklogdump

/// What is counted of logs that nobody honest wrote.
@Suite struct FiguresTests {
    private static let zxid = Zxid(rawValue: 1)

    private func figures(ofBatchesAt times: [Int64]) -> (LogFigures, RecoveryReport) {
        var figures = LogFigures()
        for time in times {
            let header = BatchHeader(
                kind: .data, codec: .none, segment: 1, byteOffset: 8192, ordinal: 0, firstZxid: Self.zxid,
                lastZxid: Self.zxid, recordCount: 1, rawByteCount: 0, storedByteCount: 0, time: time,
                durableEnd: 0, committedZxid: .zero, previousChain: 0, payloadChecksum: 0)
            figures.note(header, [])
        }
        return (figures, RecoveryReport(segments: [], verdict: .clean, end: .start))
    }

    @Test(arguments: [
        [Int64.min, .max], [.max, .min], [.min, .min], [.max, .max], [0, .max], [.min, 0], [-1, 1],
    ])
    func anyTimesAreCountedAndPrinted(times: [Int64]) {
        let (figures, report) = figures(ofBatchesAt: times)
        #expect(figures.spanSeconds >= 0.001)
        #expect(figures.batchCount == 2)
        #expect(FiguresText(figures, report).text.contains("records  2"))
        #expect(FiguresObject(figures, report).object.text.contains("\"records\":2"))
    }

    @Test func theSpanIsFromTheFirstBatchToTheLast() {
        #expect(figures(ofBatchesAt: [1000, 3500]).0.spanSeconds == 2.5)
        #expect(figures(ofBatchesAt: [1000]).0.spanSeconds == 0.001)
        #expect(figures(ofBatchesAt: []).0.spanSeconds == 0.001)
    }
}
