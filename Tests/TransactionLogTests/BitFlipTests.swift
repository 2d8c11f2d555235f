import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Every bit of a small log, flipped alone.
@Suite struct BitFlipTests {
    @Test func aFlippedBitInTheSealedSegmentIsFoundWhereItIs() throws {
        let sample = try SampleLog()
        // Records that stand before the block which is damaged.
        let before = [2: 0, 4: 3, 5: 6]
        for (block, offset, bit) in Self.bits() {
            let place = sample.copy()
            place.disk.apply(.flipBit(path: sample.paths[0], offset: offset, bit: bit))
            let (report, found) = try place.scan()
            sample.expectPrefix(found, "byte \(offset)")
            if let count = before[block] {
                guard case .damagedMiddle(let defect, .successor, let last, let next) = report.verdict else {
                    Issue.record("bit \(bit) of byte \(offset): \(report.verdict)")
                    continue
                }
                #expect(defect.path == sample.paths[0])
                #expect(defect.byteOffset == block * 4096)
                #expect(found.count == count)
                #expect(last == found.last?.zxid ?? .zero)
                #expect((next ?? .zero) > last, "byte \(offset): \(report.verdict)")
            } else {
                #expect(report.verdict == .clean, "header copy, idle promise, footer or seal: \(offset)")
                #expect(report.segments[0].hasOneBadHeader == (block < 2))
                #expect(found == sample.written)
                let places = report.harmlessDefects.map { [$0.path, "\($0.byteOffset)"] }
                #expect(places == (block == 3 || block == 6 ? [[sample.paths[0], "\(block * 4096)"]] : []))
            }
        }
    }

    @Test func aFlippedBitInTheOpenSegmentLosesNoPromisedRecord() throws {
        let sample = try SampleLog()
        for (block, offset, bit) in Self.bits() {
            let place = sample.copy()
            place.disk.apply(.flipBit(path: sample.paths[1], offset: offset, bit: bit))
            let (report, found) = try place.scan()
            sample.expectPrefix(found, "byte \(offset)")
            if block == 2 {
                #expect(report.verdict.short == "DAMAGED-MIDDLE a", "the idle promise says so: \(offset)")
                #expect(report.verdict.defect?.byteOffset == 8192)
                #expect(found.count == 7)
            } else {
                #expect(report.verdict.isSafe)
                #expect(found == sample.written)
                #expect((report.verdict == .clean) == (block < 2), "byte \(offset): \(report.verdict)")
            }
        }
    }

    /// What recovery takes, the server goes on with; a damaged copy of a header is written anew.
    @Test func afterAHarmlessFlipTheLogGoesOnAndIsMended() throws {
        let sample = try SampleLog()
        for offset in [0, 40, 4095, 4096, 5000, 8191, 12288, 12300, 16384, 20000] {
            let place = sample.copy()
            place.disk.apply(.flipBit(path: sample.paths[1], offset: offset, bit: 1))
            let (log, report) = try place.open()
            #expect(report.repairedHeaderPaths == (offset < 8192 ? [sample.paths[1]] : []))
            #expect((report.cutBytesPath == nil) == (offset < 8192))
            try log.append(10...10)
            let (after, found) = try place.scan()
            #expect(after.verdict == .clean)
            #expect(!after.segments.contains { $0.hasOneBadHeader })
            #expect(found == sample.written + [Record(10)])
        }
    }

    @Test func aFlippedBitInTheSlotsChangesNothingAndIsMended() throws {
        let sample = try SampleLog()
        let known = try MetadataSlots.read(in: "log", on: sample.disk)
        for slot in 0..<4 {
            for offset in 0..<4096 where Self.isTried(offset) {
                let place = sample.copy()
                let bit = offset % 8
                place.disk.apply(.flipBit(path: "log/meta", offset: slot * 65536 + offset, bit: bit))
                #expect(try MetadataSlots.read(in: "log", on: place.disk) == known)
                let slots = try MetadataSlots(opening: "log", on: place.disk)
                #expect(slots.metadata == known)
                #expect(slots.repairedSlots == [slot])
                try slots.commit { $0.incarnation += 1 }
                // The other copy may be lost now.
                let other = slot ^ 1
                place.disk.apply(.flipBit(path: "log/meta", offset: other * 65536 + offset, bit: bit))
                #expect(try MetadataSlots.read(in: "log", on: place.disk) == slots.metadata)
            }
        }
    }

    /// The bits that are tried: all in the first 132 bytes of a block, where headers are, and in its
    /// last 20; one in each seventh byte between. All of them with the long effort, a sixteenth of that
    /// with the quick one.
    private static func bits() -> [(block: Int, offset: Int, bit: Int)] {
        let all = (0..<8 * 4096).flatMap { offset -> [(block: Int, offset: Int, bit: Int)] in
            guard isTried(offset % 4096) || Effort.current == .quick else { return [] }
            let isDense = Effort.current == .long || offset % 4096 < 132 || offset % 4096 >= 4076
            return (isDense ? 0..<8 : offset % 8..<offset % 8 + 1).map { (offset / 4096, offset, $0) }
        }
        guard Effort.current == .quick else { return all }
        return stride(from: 0, to: all.count, by: 17).map { all[$0] }
    }

    private static func isTried(_ offset: Int) -> Bool {
        switch Effort.current {
        case .quick: offset % 67 == 0
        case .normal: offset < 132 || offset >= 4076 || offset % 7 == 0
        case .long: true
        }
    }
}
