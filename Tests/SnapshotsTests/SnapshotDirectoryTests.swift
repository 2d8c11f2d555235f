import Disk
import Identifiers
import Simulation
import TestSupport
import Testing

@testable import Snapshots

@Suite struct SnapshotDirectoryTests {
    private let directory: TemporaryDirectory
    private let snapshots: SnapshotDirectory<KernelDisk>

    init() throws {
        directory = try TemporaryDirectory()
        snapshots = SnapshotDirectory(on: kernelDisk, path: directory.path)
    }

    @discardableResult
    private func write(zxid: Int64, generation: UInt32) throws -> SnapshotName {
        let sample = Sample(seed: 1, startZxid: zxid, generation: generation)
        return try sample.write(on: kernelDisk, in: directory.path).name
    }

    @Test func theNewestIsListedFirst() throws {
        for (zxid, generation) in [(20, 2), (10, 1), (30, 3), (20, 4)] as [(Int64, UInt32)] {
            try write(zxid: zxid, generation: generation)
        }
        let listed = try snapshots.list()
        #expect(listed.compactMap(\.name?.generation) == [3, 4, 2, 1])
        #expect(listed.map(\.isReadable) == [true, true, true, true])
    }

    @Test func theHeaderDecidesAndTheNameOnlyHints() throws {
        let old = try write(zxid: 10, generation: 1)
        try write(zxid: 20, generation: 2)
        let boast = SnapshotName(startZxid: Zxid(rawValue: 99), generation: 9).fileName
        try kernelDisk.rename(directory.path + "/" + old.fileName, to: directory.path + "/" + boast)
        let listed = try snapshots.list()
        #expect(listed.map(\.name?.generation) == [2, 1])
        #expect(listed.last?.fileName == boast)
    }

    @Test func aDamagedFileIsListedWithItsErrorAndQuarantinedNotDeleted() throws {
        let good = try write(zxid: 10, generation: 1)
        let bad = try write(zxid: 20, generation: 2)
        var bytes = try directory.contents(of: bad.fileName)
        bytes[100] ^= 1
        try directory.write(bytes, to: bad.fileName)
        let listed = try snapshots.list()
        #expect(listed.map(\.isReadable) == [false, true])
        #expect(listed.first?.name == bad)
        #expect(try snapshots.quarantine([bad.fileName]) == ["bad-" + bad.fileName])
        #expect(try snapshots.list().map(\.fileName) == [good.fileName])
        #expect(try directory.contents(of: "bad-" + bad.fileName) == bytes)
        try directory.write([1], to: bad.fileName)
        #expect(try snapshots.quarantine([bad.fileName]) == ["bad-" + bad.fileName + ".1"])
        #expect(try directory.contents(of: "bad-" + bad.fileName) == bytes)
    }

    @Test func ofSnapshotsThatFailTheirVerificationOneIsKept() throws {
        let names = try (1...3).map { try write(zxid: $0 * 10, generation: UInt32($0)) }
        #expect(try snapshots.reject(names[2].fileName) == "bad-" + names[2].fileName)
        #expect(try snapshots.reject(names[1].fileName) == nil)
        #expect(try snapshots.list().map(\.fileName) == [names[0].fileName])
        #expect(try directory.names() == ["bad-" + names[2].fileName, names[0].fileName])
    }

    /// What was removed or set aside is so for good, whatever the power does right afterwards.
    @Test func removingAndSettingAsideIsDurable() throws {
        let disk = SimulatedDisk()
        let snapshots = SnapshotDirectory(on: disk, path: "snap")
        try disk.makeDirectory("snap")
        var names: [String] = []
        for number in 1...6 {
            let sample = Sample(seed: 1, startZxid: Int64(number), generation: UInt32(number))
            names.append(try sample.write(on: disk, in: "snap").name.fileName)
        }
        _ = try disk.create("snap/tmp-\(names[0])", access: .buffered)
        try disk.syncDirectory("snap", for: .snapshotNameSynced)
        let verified = Set(names[1...].compactMap { SnapshotName(fileName: $0) })
        let steps: [() throws -> Void] = [
            { _ = try snapshots.removeOldest(retainCount: 4, verified: verified) },
            { _ = try snapshots.quarantine([names[5]]) },
            { _ = try snapshots.reject(names[4]) },
            { _ = try snapshots.removeTemporaries() },
        ]
        for step in steps {
            let before = disk.paths
            try step()
            #expect(disk.paths != before)
            #expect(disk.crashStates().map { $0.paths.sorted() } == [disk.paths.sorted()])
        }
    }

    @Test func generationsAreNeverUsedTwice() throws {
        #expect(try snapshots.nextGeneration() == 1)
        try write(zxid: 10, generation: 4)
        #expect(try snapshots.nextGeneration() == 5)
        try directory.write([], to: "tmp-snap-0000000000000001-00000006.zks")
        #expect(try snapshots.nextGeneration() == 7)
        try directory.write([], to: "bad-snap-0000000000000001-0000000a.zks.1")
        try directory.write([], to: "snap-0000000000000001-zzzzzzzz.zks")
        #expect(try snapshots.nextGeneration() == 11)
    }

    @Test func whatACrashedRunLeftIsRemovedAndNothingElse() throws {
        let name = try write(zxid: 10, generation: 1)
        try directory.write([1], to: "tmp-snap-0000000000000001-00000006.zks")
        try directory.write([1], to: "bad-" + name.fileName)
        #expect(try snapshots.removeTemporaries() == ["tmp-snap-0000000000000001-00000006.zks"])
        #expect(try directory.names() == ["bad-" + name.fileName, name.fileName])
    }

    @Test func theOldestAreRemovedButNeverBelowThreeVerifiedOnes() throws {
        var names: [SnapshotName] = []
        for number in 1...6 { names.append(try write(zxid: Int64(number), generation: UInt32(number))) }
        #expect(try snapshots.removeOldest(retainCount: 0, verified: []) == [])
        #expect(try snapshots.removeOldest(retainCount: 0, verified: Set(names[4...])) == [])
        #expect(try snapshots.removeOldest(retainCount: 9, verified: Set(names)) == [])
        // Verified are 1, 2, 4 and 6: three of them stay, and with them everything newer than 2.
        let verified = Set([names[0], names[1], names[3], names[5]])
        #expect(
            try snapshots.removeOldest(retainCount: 1, verified: verified) == [names[0].fileName])
        #expect(try directory.names() == names[1...].map(\.fileName))
        #expect(
            try snapshots.removeOldest(retainCount: 4, verified: Set(names)) == [names[1].fileName])
    }

    @Test func aDamagedFileIsNotCountedAndNotRemoved() throws {
        var names: [SnapshotName] = []
        for number in 1...4 { names.append(try write(zxid: Int64(number), generation: UInt32(number))) }
        try directory.write([0], to: names[2].fileName)
        #expect(try snapshots.removeOldest(retainCount: 3, verified: Set(names)) == [])
        #expect(try directory.names() == names.map(\.fileName))
    }

    @Test func namesAreReadAsTheyAreWritten() {
        let name = SnapshotName(startZxid: Zxid(rawValue: 0x1_0000_00FF), generation: 0xAB)
        #expect(name.fileName == "snap-00000001000000ff-000000ab.zks")
        #expect(SnapshotName(fileName: name.fileName) == name)
        #expect(SnapshotName(fileName: name.temporaryFileName) == name)
        #expect(SnapshotName(fileName: "bad-" + name.fileName + ".12") == name)
        for wrong in [
            "", "snap-", "snap-1-2.zks", "snap-00000001000000FF-000000ab.zks", "snapshot.1",
            "snap-00000001000000ff-000000ab", "tmp-00000001000000ff-000000ab.zks",
        ] {
            #expect(SnapshotName(fileName: wrong) == nil, "\(wrong)")
        }
    }
}
