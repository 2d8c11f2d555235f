import Disk
import Simulation
import Testing

@Suite struct SimulatedDiskFaultTests {
    @Test func theNthCallOfAKindFailsAndNoOther() throws {
        let (disk, file) = try SimulatedDisk.with(units(0))
        disk.setFaults([.fail(.sync, nth: 2, pathSuffix: "/f", code: Errno.inputOutput)])
        try file.sync(for: .snapshotSynced)
        #expect(throws: DiskError(.sync, "d/f", code: Errno.inputOutput)) {
            try file.sync(for: .snapshotSynced)
        }
        try disk.open("d/f", access: .buffered).sync(for: .snapshotSynced)
        #expect(disk.faultHits == [1])
    }

    @Test func everyCallCanBeMadeToFailUntilARunPassesUntouched() throws {
        var failures = 0
        for nth in 1... {
            let disk = SimulatedDisk(faults: [.fail(nth: nth, code: Errno.noSpace)])
            do throws(DiskError) {
                try disk.makeDirectory("d")
                let file = try disk.create("d/f", access: .buffered)
                try file.allocate(byteCount: 4096)
                try file.write([1], at: 0)
                try file.sync(for: .snapshotSynced)
                try disk.rename("d/f", to: "d/g")
                try disk.syncDirectory("d", for: .snapshotNameSynced)
                _ = try disk.names(in: "d")
                break
            } catch {
                #expect(error.isDiskFull)
                failures += 1
            }
        }
        #expect(failures == 8)
    }

    @Test func aFileIsPoisonedByAFailedWriteOrSync() throws {
        let (disk, file) = try SimulatedDisk.with(units(0))
        disk.setFaults([.fail(.sync, nth: 1)])
        #expect(throws: DiskError.self) { try file.sync(for: .snapshotSynced) }
        #expect(throws: DiskError(.write, "d/f", code: 0)) { try file.write([1], at: 0) }
        #expect(throws: DiskError(.sync, "d/f", code: 0)) { try file.sync(for: .snapshotSynced) }
    }

    @Test func aFailedSyncMayDropTheDataFromTheCache() throws {
        let (disk, file) = try SimulatedDisk.with(units(1))
        try file.write(units(2), at: 0)
        disk.setFaults([.fail(.sync, nth: 1, .dropped)])
        #expect(throws: DiskError.self) { try file.sync(for: .snapshotSynced) }
        #expect(try file.readAll() == units(1))
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1)])
    }

    @Test func aFailedSyncMayLeaveDataInTheCacheThatNoLaterSyncWrites() throws {
        let (disk, file) = try SimulatedDisk.with(units(1))
        try file.write(units(2), at: 0)
        disk.setFaults([.fail(.sync, nth: 1, .kept)])
        #expect(throws: DiskError.self) { try file.sync(for: .snapshotSynced) }
        let reopened = try disk.open("d/f", access: .buffered)
        try reopened.sync(for: .segmentsSyncedBeforeRead)
        #expect(try reopened.readAll() == units(2), "the page cache still shows it")
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1), units(2)])
        try reopened.dropCache()
        #expect(try reopened.readAll() == units(1))
    }

    @Test func aFailedSyncMayHaveWrittenAPart() throws {
        var outcomes: Set<[UInt8]> = []
        for seed: UInt64 in 0..<32 {
            let (disk, file) = try SimulatedDisk.with(units(0, 0))
            try file.write(units(1, 2), at: 0)
            disk.setFaults([.fail(.sync, nth: 1, .partly(seed: seed))])
            #expect(throws: DiskError.self) { try file.sync(for: .snapshotSynced) }
            try file.dropCache()
            outcomes.insert(try file.readAll())
        }
        #expect(outcomes == [units(0, 0), units(1, 0), units(0, 2), units(1, 2)])
    }

    @Test func aWriteThatReportsAnErrorMayHaveHappenedInPart() throws {
        var outcomes: Set<[UInt8]> = []
        for seed: UInt64 in 0..<32 {
            let (disk, file) = try SimulatedDisk.with(units(0, 0))
            disk.setFaults([.fail(.write, nth: 1, .partly(seed: seed))])
            #expect(throws: DiskError.self) { try file.writeDurably(units(1, 2), at: 0, for: .batchSynced) }
            outcomes.formUnion(disk.contentsAfterPowerCut(of: "d/f").compactMap { $0 })
        }
        #expect(outcomes == [units(0, 0), units(1, 0), units(0, 2), units(1, 2)])
    }

    @Test func anOperationMayFailAfterItWasDone() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        disk.setFaults([.fail(.rename, nth: 1, .done), .fail(.unlink, nth: 1)])
        #expect(throws: DiskError.self) { try disk.rename("d/f", to: "d/g") }
        #expect(throws: DiskError.self) { try disk.unlink("d/g") }
        #expect(try disk.names(in: "d") == ["g"])
    }

    @Test func aLostDurableWriteIsAcknowledgedAndNotThere() throws {
        let (disk, file) = try SimulatedDisk.with(units(1))
        disk.setFaults([.loseWrite(nth: 1)])
        try file.writeDurably(units(2), at: 0, for: .batchSynced)
        #expect(try file.readAll() == units(1))
    }

    @Test func aLostCachedWriteShowsUntilTheCacheIsDropped() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 1))
        disk.setFaults([.loseWrite(nth: 1)])
        try file.write(units(2), at: 0)
        try file.write(units(3), at: 512)
        try file.sync(for: .snapshotSynced)
        #expect(try file.readAll() == units(2, 3))
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 3)])
        try file.dropCache()
        #expect(try file.readAll() == units(1, 3))
    }

    @Test func aMisdirectedWriteHitsAnotherOffsetOrAnotherFile() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 1, 1))
        let other = try disk.create("d/other", access: .buffered)
        try other.write(units(5, 5), at: 0)
        disk.setFaults([
            .misdirectWrite(nth: 1, movedBy: 512), .misdirectWrite(nth: 2, toPathSuffix: "other"),
        ])
        try file.writeDurably(units(2), at: 0, for: .batchSynced)
        try file.writeDurably(units(3), at: 512, for: .batchSynced)
        #expect(try file.readAll() == units(1, 2, 1))
        #expect(try other.readAll() == units(5, 3))
    }

    @Test func aMisdirectedWriteHitsItsOwnFileUnderWhateverName() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 1))
        try disk.rename("d/f", to: "d/g")
        disk.setFaults([.misdirectWrite(nth: 1, movedBy: 512)])
        try file.writeDurably(units(2), at: 0, for: .batchSynced)
        #expect(try file.readAll() == units(1, 2))
    }

    @Test func aDiskMayLieAboutASync() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 1))
        disk.setFaults([
            .lieAboutSync(.sync, nth: 1), .lieAboutSync(.write, nth: 2),
            .lieAboutSync(.syncDirectory, nth: 1, goesOn: true),
        ])
        try file.write(units(2), at: 0)
        try file.sync(for: .snapshotSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 1), units(2, 1)])
        try file.writeDurably(units(2), at: 512, for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f").count == 4)
        try disk.unlink("d/f")
        for _ in 0..<2 { try disk.syncDirectory("d", for: .slotsBeforeUnlink) }
        #expect(disk.contentsAfterPowerCut(of: "d/f").contains(units(2, 2)))
    }

    @Test func bitsFlipAtRest() throws {
        let (disk, file) = try SimulatedDisk.with([0, 0, 0])
        #expect(disk.apply(.flipBit(path: "d/f", offset: 1, bit: 7)))
        #expect(try file.readAll() == [0, 128, 0])
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [[0, 128, 0]])
        #expect(!disk.apply(.flipBit(path: "d/f", offset: 3, bit: 0)), "outside the file")
        #expect(!disk.apply(.flipBit(path: "d/g", offset: 0, bit: 0)), "no such file")
    }

    @Test func anUnreadableRangeFailsReadsUntilItIsWritten() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 2, 3))
        disk.apply(.makeUnreadable(path: "d/f", range: 600..<700))
        #expect(throws: DiskError(.read, "d/f", code: Errno.inputOutput)) { try file.readAll() }
        let crashed = try #require(disk.crashStates().first).open("d/f", access: .read)
        #expect(throws: DiskError.self) { try crashed.readAll() }
        try file.writeDurably(units(9), at: 512, for: .batchSynced)
        #expect(try file.readAll() == units(1, 9, 3))
    }

    @Test func filesAndRangesGoMissing() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 2))
        disk.apply(.zero(path: "d/f", range: 0..<512))
        disk.apply(.overwrite(path: "d/f", offset: 512, bytes: [7]))
        #expect(try file.readAll().prefix(513) == units(0) + [7])
        disk.apply(.remove(path: "d/f"))
        #expect(try disk.names(in: "d").isEmpty)
        #expect(disk.crashStates().first?.paths == [])
    }

    @Test func growthBeyondTheLimitIsRefused() throws {
        let disk = SimulatedDisk(byteCountLimit: 2048)
        let file = try disk.create("f", access: .buffered)
        try file.allocate(byteCount: 1024)
        #expect(try disk.availableByteCount(at: ".") == 1024)
        let full = DiskError(.allocate, "f", code: Errno.noSpace)
        #expect(throws: full) { try file.allocate(byteCount: 4096) }
        try file.write(units(1), at: 1024)
        #expect(throws: DiskError(.write, "f", code: Errno.noSpace)) { try file.write(units(1, 1), at: 1536) }
        try disk.unlink("f")
        #expect(try disk.availableByteCount(at: ".") == 2048)
    }

    @Test func stallsPassInVirtualTime() throws {
        let (disk, file) = try SimulatedDisk.with([1])
        disk.setFaults([.stall(.sync, nth: 1, nanoseconds: 60_000_000_000)])
        try file.sync(for: .snapshotSynced)
        try file.sync(for: .snapshotSynced)
        #expect(disk.stalledNanoseconds == 60_000_000_000)
    }

    @Test func callsAreCountedByOperationAndRule() throws {
        let (disk, file) = try SimulatedDisk.with([1])
        try file.writeDurably([1], at: 0, for: .batchSynced)
        #expect(disk.counts.count(of: .write) == 2)
        #expect(disk.counts.count(for: .batchSynced) == 1)
        #expect(disk.counts.total == 6)
        #expect(disk.counts.lines.contains("sync snapshotSynced 1"))
    }
}
