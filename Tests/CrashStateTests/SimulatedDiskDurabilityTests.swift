import Disk
import Simulation
import Testing

extension DiskFile {
    func write(_ bytes: [UInt8], at offset: Int) throws(DiskError) {
        try write(bytes, at: offset, for: nil)
    }

    func writeDurably(_ bytes: [UInt8], at offset: Int, for rule: DurabilityRule) throws(DiskError) {
        try write(bytes, at: offset, for: rule)
    }

    private func write(_ bytes: [UInt8], at offset: Int, for rule: DurabilityRule?) throws(DiskError) {
        try bytes.span.bytes.withUnsafeBytes { (bytes) throws(DiskError) in
            if let rule {
                try writeDurably(bytes, at: offset, for: rule)
            } else {
                try write(bytes, at: offset)
            }
        }
    }

    func readAll() throws(DiskError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try byteCount())
        var span = bytes.mutableSpan
        let count = try span.withUnsafeMutableBytes { (buffer) throws(DiskError) in
            try read(into: buffer, at: 0)
        }
        return Array(bytes[..<count])
    }
}

extension SimulatedDisk {
    /// A disk with a directory `d` and in it a durable file `f` of the given bytes.
    static func with(
        _ bytes: [UInt8], recording: Bool = false, breaking: Set<DurabilityRule> = []
    ) throws -> (SimulatedDisk, SimulatedFile) {
        let disk = SimulatedDisk(recording: recording, breaking: breaking)
        try disk.makeDirectory("d")
        let file = try disk.create("d/f", access: .buffered)
        try file.write(bytes, at: 0)
        try file.sync(for: .snapshotSynced)
        try disk.syncDirectory("d", for: .snapshotNameSynced)
        return (disk, file)
    }

    /// What each crash state shows of a file; nil where it has no such file.
    func contentsAfterPowerCut(of path: String) -> Set<[UInt8]?> {
        Set(crashStates().map { $0.contents(of: path) })
    }
}

func units(_ fills: UInt8...) -> [UInt8] { fills.flatMap { Array(repeating: $0, count: 512) } }

@Suite struct SimulatedDiskDurabilityTests {
    @Test func readsSeeWhatWasWrittenWithoutAnySync() throws {
        let (disk, file) = try SimulatedDisk.with([1, 2, 3])
        try file.write([9], at: 1)
        #expect(try file.readAll() == [1, 9, 3])
        #expect(try disk.open("d/f", access: .read).readAll() == [1, 9, 3])
        #expect(disk.durableContents(of: "d/f") == [1, 2, 3])
    }

    @Test func everySubsetOfUnsyncedUnitsMaySurvive() throws {
        let (disk, file) = try SimulatedDisk.with(units(0, 0, 0))
        try file.write(units(1, 2, 3), at: 0)
        let found = disk.contentsAfterPowerCut(of: "d/f")
        var expected: Set<[UInt8]?> = []
        for first: UInt8 in [0, 1] {
            for second: UInt8 in [0, 2] {
                for third: UInt8 in [0, 3] { expected.insert(units(first, second, third)) }
            }
        }
        #expect(found == expected)
    }

    @Test func anyOfSeveralVersionsOfAUnitMaySurvive() throws {
        let (disk, file) = try SimulatedDisk.with(units(1))
        for fill: UInt8 in [2, 3, 4] { try file.write(units(fill), at: 0) }
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1), units(2), units(3), units(4)])
    }

    @Test func aSyncMakesWritesAndSizeDurable() throws {
        let (disk, file) = try SimulatedDisk.with([1])
        try file.write(units(7, 8), at: 512)
        try file.sync(for: .snapshotSynced)
        let expected = [1] + Array(repeating: 0, count: 511) + units(7, 8)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [expected])
    }

    @Test func anUnsyncedExtensionMayBeLostOrReadAsZeroOrBeThere() throws {
        let (disk, file) = try SimulatedDisk.with(units(1))
        try file.write(units(2), at: 512)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1), units(1, 0), units(1, 2)])
    }

    @Test func anUnsyncedTruncationMayOrMayNotHaveHappened() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 2))
        try file.truncate(to: 100)
        #expect(try file.byteCount() == 100)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 2), Array(repeating: 1, count: 100)])
    }

    @Test func whatWasCutReadsAsZeroWhenTheFileGrowsAgain() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 2))
        try file.truncate(to: 512)
        try file.allocate(byteCount: 1024)
        #expect(try file.readAll() == units(1, 0))
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 2), units(1), units(1, 0)])
        try file.sync(for: .snapshotSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 0)])
    }

    @Test func aCutThenAWriteSurviveApartFromEachOther() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 2))
        try file.truncate(to: 0)
        try file.write(units(3), at: 0)
        // Size 0 or 512 or as before; the unit old, zeroed by the cut, or new.
        let expected: Set<[UInt8]?> = [units(1, 2), units(3, 2), [], units(0), units(3)]
        #expect(disk.contentsAfterPowerCut(of: "d/f") == expected)
    }

    @Test func aDurableWriteIsDurableOnReturnAndLeavesOtherWritesPending() throws {
        let (disk, file) = try SimulatedDisk.with(units(0, 0, 0))
        try file.write(units(1), at: 0)
        try file.writeDurably(units(2), at: 1024, for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0, 0, 2), units(1, 0, 2)])
    }

    @Test func aDurableWriteBeyondTheEndMakesTheSizeDurableUpToItself() throws {
        let (disk, file) = try SimulatedDisk.with([])
        try file.allocate(byteCount: 2048)
        try file.writeDurably(units(5), at: 512, for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0, 5), units(0, 5, 0, 0)])
        try file.sync(for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0, 5, 0, 0)])
    }

    @Test func aDurableWriteIsNotTakenByAnEarlierUnsyncedCut() throws {
        let (disk, file) = try SimulatedDisk.with(units(1, 1))
        try file.truncate(to: 0)
        try file.allocate(byteCount: 1024)
        try file.writeDurably(units(2), at: 0, for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(2, 0)])
    }

    @Test func whileADurableWriteIsOnItsWayAnySubsetOfItsUnitsMayBeOnTheDisk() throws {
        let (disk, file) = try SimulatedDisk.with(units(0, 0), recording: true)
        try file.writeDurably(units(1, 2), at: 0, for: .batchSynced)
        let inside = try #require(disk.crashPoints.last { $0.moment == .inside })
        let found = Set(disk.crashStates(at: inside).map { $0.contents(of: "d/f") })
        #expect(found == [units(0, 0), units(1, 0), units(0, 2), units(1, 2)])
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(1, 2)])
    }

    @Test func aDirectFileTakesOnlyWholeAlignedBlocks() throws {
        let disk = SimulatedDisk()
        let file = try disk.create("f", access: .durable)
        let block = AlignedBuffer(byteCount: 8192)
        let bytes = UnsafeRawBufferPointer(block.bytes)
        try file.writeDurably(bytes, at: 4096, for: .batchSynced)
        let misaligned = DiskError(.write, "f", code: Errno.invalid)
        #expect(throws: misaligned) { try file.writeDurably(bytes, at: 512, for: .batchSynced) }
        #expect(throws: misaligned) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[512..<4608])
            try file.writeDurably(part, at: 0, for: .batchSynced)
        }
    }

    @Test func aCrashStateHasNothingPending() throws {
        let (disk, file) = try SimulatedDisk.with(units(0, 0))
        try file.write(units(1, 1), at: 0)
        for state in disk.crashStates() { #expect(state.crashStates().count == 1) }
    }

    @Test func crashStatesAreIndependentOfEachOther() throws {
        let (disk, file) = try SimulatedDisk.with(units(0))
        try file.write(units(1), at: 0)
        let states = disk.crashStates()
        try states[0].open("d/f", access: .buffered).write(units(8), at: 0)
        try states[1].open("d/f", access: .buffered).write(units(9), at: 0)
        #expect(states[0].contents(of: "d/f") == units(8))
        #expect(states[1].contents(of: "d/f") == units(9))
        #expect(try file.readAll() == units(1))
    }

    @Test func aProcessCrashKeepsWhatWasWrittenButDoesNotMakeItDurable() throws {
        let (disk, file) = try SimulatedDisk.with(units(0))
        try file.write(units(1), at: 0)
        _ = try disk.create("d/new", access: .buffered)
        let next = disk.processCrash()
        #expect(next.contents(of: "d/f") == units(1))
        #expect(next.paths == ["d/f", "d/new"])
        #expect(next.contentsAfterPowerCut(of: "d/f") == [units(0), units(1)])
        try next.open("d/f", access: .buffered).sync(for: .segmentsSyncedBeforeRead)
        #expect(next.contentsAfterPowerCut(of: "d/f") == [units(1)])
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0), units(1)])
    }

    @Test func manyUnsyncedUnitsAreSampledAndTheSampleRepeats() throws {
        let (disk, file) = try SimulatedDisk.with(Array(repeating: 0, count: 512 * 40))
        try file.write((0..<40).flatMap { units(UInt8($0 + 1)) }, at: 0)
        let states = disk.crashStates()
        // None, all, 40 single, 40 missing, prefixes, suffixes, pairs and random ones.
        #expect(states.count > 500 && states.count < 1000)
        #expect(states.map(\.fingerprint) == disk.crashStates().map(\.fingerprint))
        #expect(disk.crashStates(limit: 7).count == 7)
        let prefixes = (0...40).map { count in (0..<40).flatMap { units($0 < count ? UInt8($0 + 1) : 0) } }
        let found = Set(states.map { $0.contents(of: "d/f") })
        #expect(prefixes.allSatisfy { found.contains($0) })
    }
}
