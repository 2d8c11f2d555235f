import Disk
import Simulation
import Testing

@Suite struct SimulatedDiskNameTests {
    private func pathsAfterPowerCut(_ disk: SimulatedDisk) -> Set<[String]> {
        Set(disk.crashStates().map(\.paths))
    }

    @Test func aSyncedFileWithoutADurableNameMayBeLost() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory("d")
        let file = try disk.create("d/f", access: .buffered)
        try file.write([1, 2], at: 0)
        try file.sync(for: .snapshotSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [nil, [1, 2]])
        try disk.syncDirectory("d", for: .snapshotNameSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [[1, 2]])
    }

    @Test func aDurableNameDoesNotMakeTheContentDurable() throws {
        let disk = SimulatedDisk()
        let file = try disk.create("f", access: .buffered)
        try file.write([1], at: 0)
        try disk.syncDirectory(".", for: .snapshotNameSynced)
        #expect(disk.contentsAfterPowerCut(of: "f") == [[], [0], [1]])
    }

    @Test func aRenameHappensWhollyOrNotAtAll() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        try disk.rename("d/f", to: "d/g")
        #expect(try disk.names(in: "d") == ["g"])
        #expect(pathsAfterPowerCut(disk) == [["d/f"], ["d/g"]])
        try disk.syncDirectory("d", for: .snapshotNameSynced)
        #expect(pathsAfterPowerCut(disk) == [["d/g"]])
    }

    @Test func aRenameKeepsNamesTaken() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        _ = try disk.create("d/g", access: .buffered)
        #expect(throws: DiskError(.rename, "d/f", code: Errno.exists)) {
            try disk.rename("d/f", to: "d/g")
        }
        #expect(throws: DiskError(.create, "d/g", code: Errno.exists)) {
            try disk.create("d/g", access: .buffered)
        }
    }

    @Test func anUnlinkMayBeUndoneUntilTheDirectoryIsSynced() throws {
        let (disk, file) = try SimulatedDisk.with([1])
        try disk.unlink("d/f")
        #expect(pathsAfterPowerCut(disk) == [["d/f"], []])
        #expect(try file.readAll() == [1], "an open file outlives its name")
        try disk.syncDirectory("d", for: .slotsBeforeUnlink)
        #expect(pathsAfterPowerCut(disk) == [[]])
    }

    @Test func operationsOnDifferentNamesSurviveIndependently() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        _ = try disk.create("d/a", access: .buffered)
        _ = try disk.create("d/b", access: .buffered)
        try disk.unlink("d/f")
        #expect(pathsAfterPowerCut(disk).count == 8)
    }

    @Test func operationsOnTheSameFileStayInOrder() throws {
        let disk = SimulatedDisk()
        _ = try disk.create("a", access: .buffered)
        try disk.rename("a", to: "b")
        try disk.unlink("b")
        #expect(pathsAfterPowerCut(disk) == [[], ["a"], ["b"]])
    }

    @Test func aNameUsedAgainShowsTheOldFileOrTheNewOne() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        try disk.unlink("d/f")
        let new = try disk.create("d/f", access: .buffered)
        try new.write([2], at: 0)
        try new.sync(for: .snapshotSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [[1], nil, [2]])
    }

    @Test func aSyncOfOneDirectoryLeavesTheOtherPending() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory("x/y")
        _ = try disk.create("x/a", access: .buffered)
        _ = try disk.create("x/y/b", access: .buffered)
        try disk.syncDirectory("x/y", for: .rolledNameSynced)
        #expect(pathsAfterPowerCut(disk) == [["x/y/b"], ["x/a", "x/y/b"]])
    }

    @Test func aRenameFromOneDirectoryToAnotherNeedsBothSyncs() throws {
        let (disk, _) = try SimulatedDisk.with([1])
        try disk.makeDirectory("e")
        try disk.rename("d/f", to: "e/f")
        try disk.syncDirectory("e", for: .rolledNameSynced)
        #expect(pathsAfterPowerCut(disk) == [["d/f"], ["e/f"]])
        try disk.syncDirectory("d", for: .rolledNameSynced)
        #expect(pathsAfterPowerCut(disk) == [["e/f"]])
    }

    @Test func aDirectoryAndItsParentsAreDurableAtOnce() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory("a/b/c")
        let states = disk.crashStates()
        #expect(states.count == 1)
        #expect(try states[0].names(in: "a/b") == ["c"])
        try states[0].makeDirectory("a/b/c")
    }

    @Test func aDirectoryWithoutADurableNameMayBeLostWithAllThatIsInIt() throws {
        let disk = SimulatedDisk(breaking: [.directoryNameSynced])
        try disk.makeDirectory("a/b")
        try disk.create("a/b/f", access: .buffered).sync(for: .snapshotSynced)
        try disk.syncDirectory("a/b", for: .snapshotNameSynced)
        #expect(pathsAfterPowerCut(disk) == [[], ["a/b/f"]])
        try disk.syncDirectory("a", for: .snapshotNameSynced)
        #expect(pathsAfterPowerCut(disk) == [[], ["a/b/f"]])
        try disk.syncDirectory(".", for: .snapshotNameSynced)
        #expect(pathsAfterPowerCut(disk) == [["a/b/f"]])
    }

    @Test func aDirectoryThatACrashedProcessMadeIsMadeDurableByTheNext() throws {
        let disk = SimulatedDisk(faults: [.lieAboutSync(.makeDirectory, nth: 1)])
        try disk.makeDirectory("a")
        _ = try disk.create("a/f", access: .buffered)
        try disk.syncDirectory("a", for: .snapshotNameSynced)
        let next = disk.processCrash()
        #expect(pathsAfterPowerCut(next) == [[], ["a/f"]])
        try next.makeDirectory("a")
        #expect(pathsAfterPowerCut(next) == [["a/f"]])
    }

    @Test func whatIsMissingIsReportedAsTheKernelDoes() {
        let disk = SimulatedDisk()
        #expect(throws: DiskError(.list, "no", code: Errno.noEntry)) { try disk.names(in: "no") }
        #expect(throws: DiskError(.open, "no", code: Errno.noEntry)) {
            try disk.open("no", access: .read)
        }
        #expect(throws: DiskError(.create, "no/f", code: Errno.noEntry)) {
            try disk.create("no/f", access: .buffered)
        }
        #expect(throws: DiskError(.unlink, "no", code: Errno.noEntry)) { try disk.unlink("no") }
    }

    @Test func aLockIsHeldByOneUntilItIsDroppedOrTheProcessIsGone() throws {
        let disk = SimulatedDisk()
        var lock: (any DirectoryLock)? = try disk.lock("LOCK", contents: "1")
        #expect(throws: DiskError(.lock, "LOCK", code: Errno.again)) {
            try disk.lock("LOCK", contents: "2")
        }
        _ = try disk.processCrash().lock("LOCK", contents: "2")
        #expect(disk.crashStates().count == 1, "a lock file does not multiply the states")
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try disk.lock("LOCK", contents: "3")
    }
}
