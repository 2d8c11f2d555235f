import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Forgetting everything after a zxid, at any place.
@Suite struct TruncationTests {
    /// Twelve batches of three in three segments, idle promises between.
    private func write() throws -> LogPlace<SimulatedDisk> {
        let place = LogPlace(SimulatedDisk(), segmentByteCount: 48 * 1024)
        let log = try place.make()
        for first in stride(from: 1, through: 34, by: 3) {
            try log.append(first...first + 2)
            if first % 6 == 1 { try log.promise() }
        }
        #expect(try place.segmentPaths().count == 3)
        return place
    }

    private func read(_ log: TransactionLog<SimulatedDisk>, _ disk: SimulatedDisk) throws -> [Record] {
        try LogCursor(after: .zero, mode: .durable, tail: log.tail, on: disk).rest()
    }

    @Test(arguments: 0...36)
    func exactlyWhatIsKeptIsThereAndTheLogGoesOn(number: Int) throws {
        let place = try write()
        let last = number == 0 ? Zxid.zero : numbered(number)
        let kept = number == 0 ? [] : records(1...number)
        try place.truncate(lastKept: last)
        if number < 36 {
            #expect(try MetadataSlots.read(in: place.path, on: place.disk).truncation != nil)
        }
        let log = try place.open().log
        #expect(log.end.lastZxid == last)
        #expect(try read(log, place.disk) == kept)
        #expect(try MetadataSlots.read(in: place.path, on: place.disk).truncation == nil)
        var buffer = RecordBuffer()
        let next = Zxid(epoch: Epoch(rawValue: 2), counter: 1)
        buffer.append(zxid: next, Record(99).bytes.span.bytes)
        _ = try log.commit(buffer, time: 0, committed: .zero)
        let (again, report) = try place.open()
        #expect(report.recovery.verdict == .clean)
        #expect(try read(again, place.disk) == kept + [Record(next, Record(99).bytes)])
    }

    /// Decided, the truncation holds for readers before any file is touched.
    @Test(arguments: [0, 1, 2, 3, 10, 17, 18, 19, 35])
    func whatIsDecidedHoldsBeforeItIsDone(number: Int) throws {
        let place = try write()
        try place.truncate(lastKept: number == 0 ? .zero : numbered(number))
        let (report, found) = try place.scan()
        #expect(report.verdict.isSafe)
        let intent = try #require(try MetadataSlots.read(in: place.path, on: place.disk).truncation)
        // The records of a divided batch come back with the successor.
        #expect(found == (intent.cut.lastZxid == .zero ? [] : records(1...Int(intent.cut.lastZxid.counter))))
    }

    @Test func truncationsFollowEachOther() throws {
        let place = try write()
        for number in [30, 23, 22, 11, 10, 1, 0] {
            try place.truncate(lastKept: number == 0 ? .zero : numbered(number))
            let log = try place.open().log
            #expect(try read(log, place.disk) == (number == 0 ? [] : records(1...number)))
        }
    }

    @Test func aDamagedLogIsNotTruncated() throws {
        let place = try write()
        let path = try place.segmentPaths()[1]
        place.disk.apply(.zero(path: path, range: 8192..<12288))
        #expect(throws: LogError.self) { try place.truncate(lastKept: numbered(20)) }
        #expect(try MetadataSlots.read(in: place.path, on: place.disk).truncation == nil)
    }

    @Test func snapshotsBeyondTheCutAreForgotten() throws {
        let place = try write()
        let slots = try MetadataSlots(opening: place.path, on: place.disk)
        try slots.commit { metadata in
            metadata.snapshots = [30, 20, 10].map {
                SnapshotEntry(
                    startZxid: numbered($0 - 1), endZxid: numbered($0), generation: 1, byteCount: 1,
                    footerChecksum: 1, treeDigest: 1)
            }
        }
        try place.truncate(lastKept: numbered(20))
        let left = try MetadataSlots.read(in: place.path, on: place.disk).snapshots
        #expect(left.map(\.endZxid) == [numbered(20), numbered(10)])
    }
}
