import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Reading begins near the wanted record or time in segments that recovery did not read.
@Suite struct SegmentFooterTests {
    private let disk = SimulatedDisk()

    /// 700 lone records in one sealed segment, of which a start behind them reads nothing.
    private func openBehindALongSegment() throws -> (TransactionLog<SimulatedDisk>, path: String, seal: Int) {
        let place = LogPlace(disk, segmentByteCount: 8 * 1024 * 1024, ringByteCount: 1)
        let log = try place.make()
        for number in 1...700 { try log.append(number...number) }
        try log.append(701...701) { _ in [UInt8](repeating: 1, count: 7 * 1024 * 1024) }
        let path = try place.segmentPaths()[0]
        let again = try place.open(after: numbered(701)).log
        let end = try #require(again.tail.segments[0].end)
        return (again, path, Int(end.byteOffset))
    }

    private func cursor(on log: TransactionLog<SimulatedDisk>, after number: Int) -> LogCursor<SimulatedDisk>
    {
        LogCursor(after: numbered(number), mode: .durable, tail: log.tail, on: disk)
    }

    /// What a new cursor reads first, and how many reads of the disk that took.
    private func firstRead(
        on log: TransactionLog<SimulatedDisk>, after number: Int
    ) throws -> (zxid: Zxid?, count: Int) {
        let before = disk.counts.count(of: .read)
        let slice = try cursor(on: log, after: number).next()
        return (slice?.through, disk.counts.count(of: .read) - before)
    }

    @Test func aCursorJumpsByTheFootersIndexWhichIsReadOnce() throws {
        let (log, _, _) = try openBehindALongSegment()
        #expect(log.tail.segments[0].index.entries.isEmpty)
        let first = try firstRead(on: log, after: 650)
        #expect(first.zxid == numbered(651))
        #expect(first.count <= 3, "seal, footer, and the place")
        #expect(log.tail.segments[0].index.entries.count > 40)
        let second = try firstRead(on: log, after: 400)
        #expect(second.zxid == numbered(401))
        #expect(second.count <= 1)
        for after in [1, 15, 16, 17, 255, 256, 257, 511, 512, 513, 699] {
            #expect(try cursor(on: log, after: after).next()?.through == numbered(after + 1))
        }
    }

    @Test(arguments: 0..<6)
    func withoutAnIndexReadingBeginsAtTheSegmentsStart(damage: Int) throws {
        let (log, path, seal) = try openBehindALongSegment()
        let damages: [Damage] = [
            .flipBit(path: path, offset: seal + 20, bit: 3),
            .zero(path: path, range: seal..<seal + 4096),
            .makeUnreadable(path: path, range: seal..<seal + 512),
            .flipBit(path: path, offset: seal - 4096 + 300, bit: 3),
            .flipBit(path: path, offset: seal - 4096 + 20, bit: 3),
            .makeUnreadable(path: path, range: seal - 4096..<seal - 3584),
        ]
        disk.apply(damages[damage])
        let reader = cursor(on: log, after: 650)
        for number in 651...655 { #expect(try reader.next()?.through == numbered(number)) }
        #expect(log.tail.segments[0].index.entries.isEmpty)
    }

    @Test func damageAtThePlaceOfTheIndexIsToldWhereItIs() throws {
        let (log, path, _) = try openBehindALongSegment()
        // Records are a block each; the 49th entry or so is before this one.
        disk.apply(.flipBit(path: path, offset: 8192 + 640 * 4096 + 130, bit: 0))
        let reader = cursor(on: log, after: 600)
        for number in 601...640 { #expect(try reader.next()?.through == numbered(number)) }
        let defect = LogDefect(path: path, byteOffset: 8192 + 640 * 4096, reason: .batchChecksum)
        #expect(throws: LogError.damaged(defect)) { try reader.next() }
    }

    @Test(arguments: [0, 6])
    func readingFromATimeMissesNothingOfIt(lastKept: Int) throws {
        let place = LogPlace(disk, ringByteCount: 1)
        var log = try place.make()
        let start = LogPlace<SimulatedDisk>.time
        for number in 1...20 { try log.append(number...number, time: start + Int64(number) * 10) }
        var times = (1...20).map { ($0, start + Int64($0) * 10) }
        if lastKept > 0 {
            try place.truncate(lastKept: numbered(lastKept))
            log = try place.open(time: start + 300).log
            try log.append(lastKept + 1...lastKept + 1, time: start + 300)
            times = Array(times.prefix(lastKept)) + [(lastKept + 1, start + 300)]
        }
        let metadata = try MetadataSlots.read(in: place.path, on: disk)
        let directory = LogDirectory(place.path, on: disk)
        let segments = try directory.segments(metadata).0
        for time in stride(from: start - 5, through: start + 310, by: 5) {
            let zxid = try directory.lastZxid(before: time, in: segments)
            let first = times.first { $0.1 >= time }.map { numbered($0.0) } ?? Zxid(rawValue: .max)
            #expect(zxid < first, "from \(time - start)")
            // Four lone records fill a segment.
            let older = times.filter { $0.1 < time }.count
            #expect(zxid.counter + 5 > older, "from \(time - start): \(zxid)")
        }
    }
}
