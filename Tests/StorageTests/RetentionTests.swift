import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// Which snapshots and how much log stay.
@Suite struct RetentionTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    private func segmentCount() -> Int { disk.paths.count { $0.contains("/log/seg-") } }

    @Test func withFewerThanThreeSnapshotsNoLogGoes() throws {
        try store.visit { storage throws in
            try storage.append(1...12, byteCount: 20_000)
            let segments = segmentCount()
            for zxid in [11, 12] as [Int64] {
                let purged = try storage.takeSnapshot(zxid)
                #expect(purged.snapshotNames.isEmpty)
                #expect(purged.segmentCount == 0)
            }
            #expect(segmentCount() == segments)
        }
    }

    @Test func threeStayAndTheLogReachesBackToTheOldestOfThem() throws {
        try store.visit { storage throws in
            try storage.append(1...16, byteCount: 20_000)
            for zxid in [4, 8, 12, 16] as [Int64] { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == [16, 12, 8])
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [16, 12, 8])
            #expect(storage.log.tail.oldestRetained <= Zxid(rawValue: 8))
            #expect(storage.log.tail.oldestRetained > .zero)
        }
        // Each of the three is enough to come back, whatever happened to the newer ones.
        for path in disk.paths
        where path.contains("snap-0000000000000010") || path.contains("snap-000000000000000c") {
            #expect(disk.apply(.flipBit(path: path, offset: 4150, bit: 1)))
        }
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 8))
            #expect(try storage.replay() == Array(9...16))
        }
    }

    @Test func aWishForFewerThanThreeIsNotGranted() throws {
        var store = store
        store.configuration.snapshotRetainCount = 1
        try store.visit { storage throws in
            try storage.append(1...5)
            for zxid in Int64(1)...5 { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == [5, 4, 3])
        }
    }

    @Test func aWishForMoreIs() throws {
        var store = store
        store.configuration.snapshotRetainCount = 5
        try store.visit { storage throws in
            try storage.append(1...7)
            for zxid in Int64(1)...7 { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == [7, 6, 5, 4, 3])
        }
    }

    @Test func aSnapshotThatSomebodyReadsStaysUntilItIsRead() throws {
        try store.visit { storage throws in
            try storage.append(1...9)
            try storage.takeSnapshot(1)
            let name = try #require(storage.snapshots.list().first?.name)
            storage.retention.holds.hold(name)
            storage.retention.holds.hold(name)
            for zxid in Int64(2)...6 { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == [6, 5, 4, 1])
            storage.retention.holds.release(name)
            try storage.takeSnapshot(7)
            #expect(try storage.liveSnapshots() == [7, 6, 5, 1])
            storage.retention.holds.release(name)
            try storage.takeSnapshot(8)
            #expect(try storage.liveSnapshots() == [8, 7, 6])
        }
    }

    @Test func theSlotsHoldTheirMostWhateverIsWished() throws {
        var store = store
        store.configuration.snapshotRetainCount = 100
        try store.visit { storage throws in
            try storage.append(1...12)
            for zxid in Int64(1)...12 { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == Array(5...12).reversed())
        }
    }

    @Test func theOrderOfRegistrationDoesNotMatter() throws {
        try store.visit { storage throws in
            try storage.append(1...9)
            for zxid in [6, 2, 9, 4] as [Int64] { try storage.takeSnapshot(zxid) }
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [9, 6, 4])
            #expect(try storage.liveSnapshots() == [9, 6, 4])
        }
    }

    @Test func theSameSnapshotTwiceCountsOnce() throws {
        try store.visit { storage throws in
            try storage.append(1...12, byteCount: 20_000)
            let segments = segmentCount()
            let snapshot = try storage.writeSnapshot(12, 12)
            for _ in 0..<4 {
                #expect(try storage.retention.register(snapshot).segmentCount == 0)
            }
            #expect(storage.log.slots.metadata.snapshots.count == 1)
            #expect(segmentCount() == segments)
        }
    }

    @Test func anUnverifiedSnapshotKeepsNothingFromStaying() throws {
        try store.visit { storage throws in
            try storage.append(1...9)
            for zxid in [2, 4, 6] as [Int64] { try storage.takeSnapshot(zxid) }
            for zxid in [7, 8, 9] as [Int64] { _ = try storage.writeSnapshot(zxid, zxid) }
            try storage.takeSnapshot(3)
            #expect(try storage.liveSnapshots() == [9, 8, 7, 6, 4, 3])
        }
    }

    @Test func aReaderKeepsWhatItHasNotReadYet() throws {
        try store.visit { storage throws in
            try storage.append(1...16, byteCount: 20_000)
            let cursor = LogCursor(after: .zero, mode: .durable, tail: storage.log.tail, on: disk)
            for zxid in [8, 12, 14, 16] as [Int64] {
                #expect(try storage.takeSnapshot(zxid).segmentCount == 0)
            }
            var zxids: [Int64] = []
            while let slice = try cursor.next() {
                slice.forEachRecord { zxid, _ in zxids.append(zxid.rawValue) }
            }
            #expect(zxids == Array(1...16))
            #expect(try storage.takeSnapshot(15).segmentCount > 0)
        }
    }

    @Test func whatWasPurgedStaysAwayAfterReopening() throws {
        try store.visit { storage throws in
            try storage.append(1...16, byteCount: 20_000)
            for zxid in [10, 12, 14, 16] as [Int64] { try storage.takeSnapshot(zxid) }
        }
        try store.visit { storage throws in
            let oldest = storage.log.tail.oldestRetained
            #expect(oldest > .zero)
            let cursor = LogCursor(after: .zero, mode: .durable, tail: storage.log.tail, on: disk)
            #expect(throws: LogError.purged(wanted: .zero, oldestRetained: oldest)) { try cursor.next() }
        }
    }
}
