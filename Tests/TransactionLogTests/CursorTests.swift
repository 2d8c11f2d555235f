import Disk
import Identifiers
import Metadata
import Simulation
import TestSupport
import Testing
import TransactionLog

/// Readers get every record once and in order, from memory or from the segments.
@Suite struct CursorTests {
    private let disk = SimulatedDisk()

    private func cursor(
        on log: TransactionLog<SimulatedDisk>, after number: Int = 0,
        _ mode: LogCursor<SimulatedDisk>.Mode = .durable, pinned: Bool = true
    ) -> LogCursor<SimulatedDisk> {
        LogCursor(
            after: number == 0 ? .zero : numbered(number), mode: mode, tail: log.tail, on: disk,
            pinned: pinned)
    }

    @Test(arguments: [1, 200, 1_000_000])
    func readingBeginsAfterAnyRecord(ringByteCount: Int) throws {
        let log = try LogPlace(disk, ringByteCount: ringByteCount).make()
        for first in stride(from: 1, through: 58, by: 3) {
            try log.append(first...first + 2)
            if first % 2 == 0 { try log.promise() }
        }
        for after in 0...60 {
            let rest = after == 60 ? [] : records(after + 1...60)
            #expect(try cursor(on: log, after: after).rest() == rest)
        }
    }

    @Test func readingFindsItsPlaceInsideALongSegment() throws {
        let place = LogPlace(disk, segmentByteCount: 8 * 1024 * 1024, ringByteCount: 1)
        let log = try place.make()
        for number in 1...700 { try log.append(number...number) }
        try log.append(701...701) { _ in [UInt8](repeating: 1, count: 7 * 1024 * 1024) }
        #expect(try place.segmentPaths().count == 2, "the sealed segment has an index")
        disk.setFaults([])
        let readCount = disk.counts.count(of: .read)
        let slice = try #require(try cursor(on: log, after: 650).next())
        #expect(slice.after == numbered(650))
        #expect(slice.through == numbered(651))
        #expect(disk.counts.count(of: .read) - readCount <= 2)
        for after in [1, 255, 256, 257, 300, 511, 512, 513, 699] {
            #expect(try cursor(on: log, after: after).next()?.through == numbered(after + 1))
        }
    }

    @Test(arguments: [1, 1_000_000])
    func aCursorFollowsWhatIsAppended(ringByteCount: Int) throws {
        let log = try LogPlace(disk, ringByteCount: ringByteCount).make()
        let reader = cursor(on: log)
        #expect(try reader.next() == nil)
        var read: [Record] = []
        for first in stride(from: 1, through: 91, by: 10) {
            for number in first..<first + 10 { try log.append(number...number) }
            if first % 20 == 1 { try log.promise() }
            read += try reader.rest()
            #expect(read == records(1...first + 9))
        }
    }

    /// The first read takes in blocks that are written only later.
    @Test func aSlowCursorSeesWhatWasWrittenAfterItReadTheBlock() throws {
        let log = try LogPlace(disk, segmentByteCount: 1024 * 1024, ringByteCount: 1).make()
        for number in 1...2 { try log.append(number...number) }
        let reader = cursor(on: log)
        #expect(try reader.next()?.through == numbered(1))
        for number in 3...9 { try log.append(number...number) }
        #expect(try reader.rest() == records(2...9))
    }

    @Test func aCommittedCursorStopsAtWhatIsCommitted() throws {
        for ringByteCount in [1, 1_000_000] {
            let disk = SimulatedDisk()
            let log = try LogPlace(disk, ringByteCount: ringByteCount).make()
            for first in stride(from: 1, through: 16, by: 5) { try log.append(first...first + 4) }
            let reader = LogCursor(after: .zero, mode: .committed, tail: log.tail, on: disk)
            #expect(try reader.rest().isEmpty)
            for (committed, expected) in [(3, 1...3), (5, 4...5), (6, 6...6), (17, 7...17), (20, 18...20)] {
                log.tail.setCommitted(numbered(committed))
                #expect(try reader.rest() == records(expected))
            }
            log.tail.setCommitted(numbered(1))
            #expect(log.tail.committed == numbered(20), "it never falls")
        }
    }

    @Test func aPinHoldsBackPurging() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        #expect(try place.segmentPaths().count == 5)
        func purge() throws -> Int {
            try TransactionLog.purge(
                upTo: numbered(20), tail: log.tail, slots: log.slots, directory: place.path, on: disk)
        }
        do {
            let reader = cursor(on: log, after: 6)
            #expect(try purge() == 1, "the segment of 1...4")
            #expect(try reader.next()?.through == numbered(7))
            #expect(try purge() == 0)
            #expect(try reader.next()?.through == numbered(8))
            #expect(try purge() == 1, "the segment of 5...8")
            #expect(try reader.rest() == records(9...20))
        }
        #expect(try purge() == 2)
    }

    @Test func readingWhatWasPurgedIsRefusedByName() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        let reader = cursor(on: log, pinned: false)
        #expect(try reader.next()?.through == numbered(1))
        _ = try TransactionLog.purge(
            upTo: numbered(9), tail: log.tail, slots: log.slots, directory: place.path, on: disk)
        #expect(log.tail.oldestRetained == numbered(8))
        #expect(throws: LogError.purged(wanted: numbered(1), oldestRetained: numbered(8))) {
            try reader.next()
        }
        #expect(try cursor(on: log, after: 8).rest() == records(9...20))
    }

    @Test func aPurgeBetweenFindingASegmentAndOpeningItIsCalledAPurge() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        let hooked = WatchedDisk(disk)
        let reader = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: hooked, pinned: false)
        hooked.beforeOpening = { [disk] in
            _ = try TransactionLog.purge(
                upTo: numbered(9), tail: log.tail, slots: log.slots, directory: place.path, on: disk)
        }
        #expect(throws: LogError.purged(wanted: .zero, oldestRetained: numbered(8))) { try reader.next() }
    }

    @Test func aSegmentThatAPurgeShortensUnderTheReaderIsCalledPurged() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        let watched = WatchedDisk(disk)
        let reader = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: watched, pinned: false)
        watched.afterOpening = { [disk] in
            let file = try disk.open(try place.segmentPaths()[0], access: .buffered)
            _ = try TransactionLog.purge(
                upTo: numbered(9), tail: log.tail, slots: log.slots, directory: place.path, on: disk)
            try file.truncate(to: 8192)
        }
        #expect(throws: LogError.purged(wanted: .zero, oldestRetained: numbered(8))) { try reader.next() }
    }

    @Test func aFileThatIsGoneWithoutAPurgeIsTheDisksError() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        let path = try place.segmentPaths()[0]
        disk.apply(.remove(path: path))
        #expect(throws: LogError.disk(DiskError(.open, path, code: Errno.noEntry))) {
            try cursor(on: log, pinned: false).next()
        }
    }

    @Test func damageStopsACursorAtItsPlace() throws {
        let place = LogPlace(disk, ringByteCount: 1)
        let log = try place.make()
        for number in 1...8 { try log.append(number...number) }
        let path = try place.segmentPaths()[0]
        disk.apply(.flipBit(path: path, offset: 8192 + 2 * 4096 + 130, bit: 3))
        let reader = cursor(on: log)
        #expect(try reader.next()?.through == numbered(1))
        #expect(try reader.next()?.through == numbered(2))
        let defect = LogDefect(path: path, byteOffset: 8192 + 2 * 4096, reason: .batchChecksum)
        #expect(throws: LogError.damaged(defect)) { try reader.next() }
    }
}
