import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// Forgetting what a new leader does not have.
@Suite struct TruncationTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    private func fill() throws {
        try store.visit { storage throws in
            try storage.append(1...12)
            for zxid in [3, 6, 9] as [Int64] { try storage.takeSnapshot(zxid) }
        }
    }

    private func truncate(_ zxid: Int64) throws {
        try Storage.truncate(store.configuration, lastKept: Zxid(rawValue: zxid), on: disk)
    }

    @Test func everythingAfterTheZxidIsForgotten() throws {
        try fill()
        try truncate(10)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 9))
            #expect(try storage.replay() == [10])
            try storage.append(20...22)
        }
        #expect(try store.visit { try $0.replay() } == [10, 20, 21, 22])
    }

    @Test func snapshotsThatKnowMoreAreSetAside() throws {
        try fill()
        try truncate(7)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 6))
            #expect(storage.report.snapshotFailures.isEmpty)
            #expect(try storage.liveSnapshots() == [6, 3])
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [6, 3])
            #expect(try storage.replay() == [7])
        }
        #expect(disk.paths.contains { $0.contains("snap/bad-snap-") })
    }

    @Test func aFuzzySnapshotThatEndsLaterIsSetAsideToo() throws {
        try fill()
        try store.visit { _ = try $0.retention.register(try $0.writeSnapshot(8, 11)) }
        try truncate(10)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 9))
            #expect(try storage.replay() == [10])
        }
    }

    @Test func truncatingToTheEndChangesNothing() throws {
        try fill()
        try truncate(12)
        try truncate(400)
        try store.visit { storage throws in
            #expect(storage.log.slots.metadata.truncation == nil)
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 9))
            #expect(try storage.replay() == [10, 11, 12])
        }
    }

    @Test func twoTruncationsBeforeAnOpeningBothHold() throws {
        try fill()
        try truncate(10)
        try truncate(5)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 3))
            #expect(try storage.replay() == [4, 5])
        }
    }

    /// The snapshot ends where the truncation does, and its last record stands behind the cut until the
    /// truncation is finished.
    @Test func aSnapshotOfADividedBatchIsNoReasonToSuspectTheLog() throws {
        try store.visit { storage throws in
            try storage.appendTogether(1...6)
            try storage.takeSnapshot(4)
        }
        try truncate(4)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 4))
            #expect(try storage.replay() == [])
            try storage.append(7...7)
        }
        #expect(try store.visit { try $0.replay() } == [7])
    }

    @Test func everythingCanBeForgotten() throws {
        try store.visit { try $0.append(1...4) }
        try truncate(0)
        try store.visit { storage throws in
            #expect(try storage.replay() == [])
            try storage.append(1...2)
        }
        #expect(try store.visit { try $0.replay() } == [1, 2])
    }
}
