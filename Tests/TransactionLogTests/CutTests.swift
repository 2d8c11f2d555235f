import Disk
import Identifiers
import Simulation
import Testing
import TransactionLog

/// A segment cut at every byte.
@Suite struct CutTests {
    @Test func theSealedSegmentCutAtAnyByteIsRefusedWithItsPlaceIfARecordIsGone() throws {
        let sample = try SampleLog()
        let ends = [3: 8192 + 4096, 6: 8192 + 3 * 4096, 7: 8192 + 4 * 4096]
        for byteCount in stride(from: 0, through: 32768, by: 1) where Self.isTried(byteCount) {
            let place = sample.copy()
            try place.disk.open(sample.paths[0], access: .buffered).truncate(to: byteCount)
            let (report, found) = try place.scan()
            sample.expectPrefix(found, "cut at \(byteCount)")
            if byteCount < 4096 {
                #expect(report.verdict.short == "DAMAGED-MIDDLE e", "cut at \(byteCount)")
            } else if byteCount < 8192 + 4 * 4096 {
                let whole = ends.filter { $0.value <= byteCount }.keys.max() ?? 0
                #expect(report.verdict.short == "DAMAGED-MIDDLE b", "cut at \(byteCount)")
                #expect(found.count == whole, "cut at \(byteCount)")
                #expect((report.verdict.defect?.byteOffset ?? .max) <= max(8192, byteCount))
            } else {
                #expect(report.verdict == .clean, "cut at \(byteCount)")
                #expect(found == sample.written)
                #expect(report.harmlessDefects.count == (byteCount < 8192 + 5 * 4096 ? 1 : 0))
            }
        }
    }

    @Test func theOpenSegmentCutAtAnyByteIsRefusedWithWhatIsLeft() throws {
        let sample = try SampleLog()
        for byteCount in stride(from: 0, through: 32768, by: 1) where Self.isTried(byteCount) {
            let place = sample.copy()
            try place.disk.open(sample.paths[1], access: .buffered).truncate(to: byteCount)
            let (report, found) = try place.scan()
            sample.expectPrefix(found, "cut at \(byteCount)")
            #expect(found.count == (byteCount >= 12288 ? 9 : 7))
            let verdict =
                switch byteCount {
                case ..<4096: "DAMAGED-MIDDLE e"
                case ..<32768: "SUSPECT-TAIL g"
                default: "CLEAN"
                }
            #expect(report.verdict.short == verdict, "cut at \(byteCount)")
        }
    }

    /// The size tells, whatever the slots know.
    @Test func aCutBeforeTheWatermarkIsRefused() throws {
        for byteCount in [8192, 9000, 12287, 12288, 16383] {
            let place = LogPlace(SimulatedDisk())
            let log = try place.make()
            try log.append(1...1)
            try log.append(2...2)
            try log.refreshWatermark()
            let path = try #require(try place.segmentPaths().last)
            try place.disk.open(path, access: .buffered).truncate(to: byteCount)
            #expect(try place.scan().report.verdict.short == "SUSPECT-TAIL g")
        }
    }

    /// All lengths near a block's edge, and some between.
    private static func isTried(_ byteCount: Int) -> Bool {
        switch Effort.current {
        case .quick: byteCount % 4096 < 2 || byteCount % 509 == 0
        case .normal: byteCount % 4096 < 160 || byteCount % 4096 > 4060 || byteCount % 11 == 0
        case .long: true
        }
    }
}
