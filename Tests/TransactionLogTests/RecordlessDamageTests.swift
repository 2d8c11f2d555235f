import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Damage to what holds no record is told and costs nothing; where a record may be gone, it is refused.
@Suite struct RecordlessDamageTests {
    private let disk = SimulatedDisk()
    private var place: LogPlace<SimulatedDisk> {
        LogPlace(disk, segmentByteCount: 48 * 1024, ringByteCount: 1)
    }

    /// First segment, by blocks: 2 records 1...2, 3 promise, 4 records 3...4, 5 record 5, 6 promise,
    /// 7 record 6, 8 promise, 9 footer, 10 seal. Second: 2 and 3 records 7...8, 4 promise, 5 record 9, 6 promise.
    private func write() throws -> [String] {
        let log = try place.make()
        try log.append(1...2)
        try log.promise()
        try log.append(3...4)
        try log.append(5...5)
        try log.promise()
        try log.append(6...6)
        try log.promise()
        try log.append(7...8) { Self.record($0).bytes }
        try log.promise()
        try log.append(9...9)
        try log.promise()
        let paths = try place.segmentPaths()
        #expect(paths.count == 2)
        return paths
    }

    private var written: [Record] { (1...9).map { Self.record($0) } }

    /// Records 7 and 8 take two blocks, for which the first segment has no room.
    private static func record(_ number: Int) -> Record {
        guard 7...8 ~= number else { return Record(number) }
        var random = SeededRandom(seed: UInt64(number))
        return Record(numbered(number), (0..<3000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    private static let kinds: [@Sendable (String, Int) -> Damage] = [
        { .zero(path: $0, range: $1 * 4096..<($1 + 1) * 4096) },
        { .makeUnreadable(path: $0, range: $1 * 4096..<$1 * 4096 + 512) },
        { .flipBit(path: $0, offset: $1 * 4096 + 70, bit: 1) },
        { .flipBit(path: $0, offset: $1 * 4096 + 2000, bit: 1) },
        { .flipBit(path: $0, offset: $1 * 4096 + 4095, bit: 1) },
    ]

    private static let recordless = [[3], [6], [8], [9], [3, 6], [8, 9], [3, 6, 8, 9]]

    @Test(arguments: recordless, 0..<5)
    func promisesAndFootersOfASealedSegmentMayBeDamaged(blocks: [Int], kind: Int) throws {
        let path = try write()[0]
        for block in blocks { disk.apply(Self.kinds[kind](path, block)) }
        let (report, found) = try place.scan()
        #expect(report.verdict == .clean)
        #expect(found == written)
        #expect(
            report.harmlessDefects.allSatisfy { $0.path == path && blocks.contains($0.byteOffset / 4096) })
        // What lies side by side without a whole header between is one damage.
        #expect(report.harmlessDefects.first?.byteOffset == blocks[0] * 4096)
        let (log, opening) = try place.open()
        #expect(opening.recovery.harmlessDefects == report.harmlessDefects)
        let cursor = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: disk)
        #expect(try cursor.rest() == written)
        try log.append(10...10)
        #expect(try cursor.rest() == records(10...10))
        for number in 1...8 {
            let later = LogCursor(after: numbered(number), mode: .durable, tail: log.tail, on: disk)
            #expect(try later.next()?.after == numbered(number))
        }
    }

    @Test(arguments: 0..<5)
    func aPromiseThatALaterBatchPromisesMayBeDamagedInTheOpenSegment(kind: Int) throws {
        let path = try write()[1]
        disk.apply(Self.kinds[kind](path, 4))
        let (report, found) = try place.scan()
        #expect(report.verdict == .clean)
        #expect(report.harmlessDefects.map(\.byteOffset) == [4 * 4096])
        #expect(found == written)
    }

    /// With the last one nothing says whether it was ever whole.
    @Test func theLastPromiseIsTornAsBefore() throws {
        let path = try write()[1]
        disk.apply(Self.kinds[2](path, 6))
        let (report, found) = try place.scan()
        #expect(report.verdict.short == "TORN")
        #expect(report.harmlessDefects.isEmpty)
        #expect(found == written)
    }

    @Test(arguments: [2, 4, 5, 7], 0..<5)
    func recordsAreMissedAsBefore(block: Int, kind: Int) throws {
        let path = try write()[0]
        disk.apply(Self.kinds[kind](path, block))
        let report = try place.scan().report
        #expect(report.verdict.short == "DAMAGED-MIDDLE b")
        #expect(report.verdict.defect?.byteOffset == block * 4096)
        #expect(report.harmlessDefects.isEmpty)
    }

    /// A promise and a record side by side: the zxids behind them tell that one is missing.
    @Test(arguments: [[3, 4], [5, 6], [6, 7], [7, 8], [7, 8, 9], [4, 5, 6, 7, 8, 9]])
    func aRecordBesideADamagedPromiseIsMissed(blocks: [Int]) throws {
        let path = try write()[0]
        for block in blocks { disk.apply(Self.kinds[0](path, block)) }
        let report = try place.scan().report
        #expect(report.verdict.short == "DAMAGED-MIDDLE b")
        #expect(report.verdict.defect?.byteOffset == blocks[0] * 4096)
    }

    /// Behind a gap of zxids a record may have stood, unless the promise's own header is whole.
    @Test(arguments: 0..<5)
    func beforeANewEpochOnlyAWholeHeaderProvesIt(kind: Int) throws {
        let log = try place.make()
        try log.append(1...1)
        try log.promise()
        var buffer = RecordBuffer()
        buffer.append(zxid: Zxid(epoch: Epoch(rawValue: 2), counter: 1), Record(2).bytes.span.bytes)
        _ = try log.commit(buffer, time: 0, committed: .zero)
        try log.promise()
        _ = try place.open()
        disk.apply(Self.kinds[kind](try place.segmentPaths()[0], 3))
        let report = try place.scan().report
        #expect(report.verdict.short == (kind < 3 ? "DAMAGED-MIDDLE b" : "CLEAN"))
    }

    /// What is kept is kept, with damage before, in and behind the divided batch.
    @Test(arguments: [3, 6, 8, 9], 1...8)
    func truncatingKeepsWhatStandsBehindTheDamage(block: Int, number: Int) throws {
        let path = try write()[0]
        disk.apply(Self.kinds[0](path, block))
        try place.truncate(lastKept: numbered(number))
        let (log, report) = try place.open()
        #expect(report.recovery.verdict.isSafe)
        let cursor = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: disk)
        #expect(try cursor.rest() == Array(written.prefix(number)))
    }

    @Test func theRestOfALogThatWasCutThereIsNoLog() throws {
        // A torn promise is cut by a restart; the successor ends the segment before it.
        let path = try write()[1]
        disk.apply(Self.kinds[2](path, 6))
        let log = try place.open().log
        try log.append(10...10)
        let (report, found) = try place.scan()
        #expect(report.verdict == .clean)
        #expect(report.harmlessDefects.isEmpty)
        #expect(found == written + records(10...10))
    }
}
