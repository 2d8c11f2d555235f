import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// What bad disks and second processes do to slots, snapshots and a truncation that is under way.
@Suite struct StoreFaultTests {
    private static let slotStride = 64 * 1024

    @Test func oneBadSlotIsMendedAndAPairIsRefused() throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.accept(epoch: 7)
            try run.append(40)
        }
        for slot in 0..<4 {
            let disk = store.copy()
            disk.apply(.flipBit(path: "data/log/meta", offset: slot * Self.slotStride + 50, bit: 3))
            try store.openWhole(disk)
            #expect(try MetadataSlots.read(in: "data/log", on: disk).acceptedEpoch.rawValue == 7)
        }
        for pair in [0, 2] {
            let disk = store.copy()
            for slot in pair...pair + 1 {
                disk.apply(.flipBit(path: "data/log/meta", offset: slot * Self.slotStride + 50, bit: 3))
            }
            #expect {
                try store.openWhole(disk)
            } throws: { error in
                if case StorageError.metadata(.damaged) = error { true } else { false }
            }
        }
    }

    @Test func aStoreWithoutItsSlotsIsNotANewOne() throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.append(40)
        }
        store.disk.apply(.remove(path: "data/log/meta"))
        #expect {
            try store.openWhole(store.disk)
        } throws: { error in
            if case StorageError.metadataMissing = error { true } else { false }
        }
    }

    private func withSnapshots(purging: Bool) throws -> (FaultyStore, [String]) {
        let store = try FaultyStore { run in
            try run.open()
            for _ in 0..<3 {
                if purging { try run.roll() } else { try run.append(300) }
                try run.snapshot(tail: 1)
            }
            try run.append(40)
        }
        return (store, store.disk.paths.filter { $0.hasPrefix("data/snap/snap-") })
    }

    @Test func aCorruptSnapshotIsReplacedByAnOlderOneAndMoreLog() throws {
        let (store, names) = try withSnapshots(purging: true)
        #expect(names.count == 3)
        let size = try #require(store.disk.contents(of: names[2])?.count)
        let damages: [Damage] = [
            .flipBit(path: names[2], offset: 10, bit: 0),
            .flipBit(path: names[2], offset: 4100, bit: 0),
            .zero(path: names[2], range: size - 40..<size),
            .makeUnreadable(path: names[2], range: 4096..<4608),
            .remove(path: names[2]),
        ]
        for damage in damages {
            let disk = store.copy()
            disk.apply(damage)
            let report = try store.openWhole(disk)
            #expect(report.snapshotPath == names[1], "\(damage)")
        }
    }

    @Test func aStoreWithNoSnapshotLeftStartsFromAWholeLogAndFromNoOther() throws {
        let (whole, names) = try withSnapshots(purging: false)
        for name in names { whole.disk.apply(.flipBit(path: name, offset: 4100, bit: 0)) }
        let report = try whole.openWhole(whole.disk)
        #expect(report.snapshotPath == nil)
        #expect(report.snapshotFailures.count == 3)
        #expect(report.snapshotFailures.allSatisfy { $0.quarantinedAs != nil })

        let (purged, others) = try withSnapshots(purging: true)
        for name in others { purged.disk.apply(.flipBit(path: name, offset: 4100, bit: 0)) }
        #expect {
            try purged.openWhole(purged.disk)
        } throws: { error in
            if case StorageError.noStart(_, let failures, _) = error { failures.count == 3 } else { false }
        }
    }

    @Test func aDividedBatchThatRotsBeforeItsKeptRecordsAreSafeIsRefused() throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.append(40)
            try run.append(40, 40, 40)
            try run.truncate(toRecord: 3)
        }
        let batch = LogFormat.headerByteCount + LogFormat.blockByteCount
        store.disk.apply(.flipBit(path: store.segments[0], offset: batch + 150, bit: 0))
        #expect {
            try store.openWhole(store.disk)
        } throws: { error in
            if case StorageError.log(.damaged) = error { true } else { false }
        }
    }

    @Test func twoProcessesCannotHoldOneStore() throws {
        let run = ScriptRun(SimulatedDisk())
        try run.open()
        #expect {
            _ = try OpenStore(on: run.disk, seed: 60)
        } throws: { error in
            if case StorageError.locked = error { true } else { false }
        }
        try run.append(40)
    }

    @Test func aSecondWriterWithoutALockIsNoticedAtTheNextRoll() throws {
        let run = ScriptRun(SimulatedDisk())
        try run.open()
        try run.append(40)
        let intruder = try MetadataSlots(opening: "data/log", on: run.disk)
        try intruder.commit { $0.incarnation += 1 }
        #expect {
            try run.roll()
        } throws: { error in
            if case LogError.metadata(.secondWriter) = error { true } else { false }
        }
        #expect(throws: LogError.poisoned) { try run.append(40) }
    }
}
