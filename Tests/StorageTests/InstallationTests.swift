import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// A snapshot from elsewhere takes the place of everything that a store held.
@Suite struct InstallationTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }
    private let received = "/data/snap/tmp-snap-received-1"

    /// A snapshot file of another store, whose state is that of `end`.
    private func foreign(_ start: Int64, _ end: Int64) throws -> [UInt8] {
        let other = SimulatedDisk()
        return try Store(on: other, at: "/other").visit { storage throws in
            _ = try storage.writeSnapshot(start, end, storeID: 77)
            let path = try #require(other.paths.first { $0.contains("/snap-") })
            return try #require(other.contents(of: path))
        }
    }

    private func receive(_ bytes: [UInt8]) throws -> ReceivedSnapshot<SimulatedDisk> {
        try disk.makeDirectory("/data/snap")
        let file = try disk.create(received, access: .buffered)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        return try ReceivedSnapshot(checking: received, on: disk) { reader in
            for number in 0..<reader.blockCount { _ = try reader.decodeBlock(number) }
        }
    }

    private func install(_ bytes: [UInt8], beginsEpoch: Bool = false) throws {
        try Storage.install(try receive(bytes), in: store.configuration, beginsEpoch: beginsEpoch, on: disk)
    }

    private func fill() throws {
        try store.visit { storage throws in
            try storage.append(1...12)
            for zxid in [3, 6, 9] as [Int64] { try storage.takeSnapshot(zxid) }
        }
    }

    private func metadata() throws -> StoreMetadata {
        try MetadataSlots.read(in: store.logPath, on: disk)
    }

    @Test(arguments: [(40, 50), (2, 5), (12, 12)] as [(Int64, Int64)])
    func theStateIsTheSnapshotsAndTheLogGoesOnBehindIt(start: Int64, end: Int64) throws {
        try fill()
        try install(try foreign(start, end))
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: end))
            #expect(storage.report.snapshotPath == storage.snapshots.path + "/" + (try live()[0]))
            #expect(try storage.replay() == [])
            #expect(try storage.liveSnapshots() == [start])
            #expect(storage.log.slots.metadata.installation == nil)
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [end])
            try storage.append(end + 1...end + 3)
        }
        #expect(try store.visit { try $0.replay() } == Array(end + 1...end + 3))
    }

    private func live() throws -> [String] {
        try disk.names(in: store.snapshotPath).filter { $0.hasPrefix("snap-") }
    }

    @Test func whereNoStoreWasOneIsMade() throws {
        try install(try foreign(4, 7))
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 7))
            #expect(storage.log.slots.metadata.storeID != 77)
        }
    }

    /// Disaster recovery: nothing of what was there has to be readable.
    @Test func neitherADamagedLogNorDamagedSnapshotsAreInTheWay() throws {
        try fill()
        for path in disk.paths where path.contains("/seg-") || path.contains("/snap-") {
            for offset in [30, 4096 + 30] {
                #expect(disk.apply(.flipBit(path: path, offset: offset, bit: 1)))
            }
        }
        #expect(throws: StorageError.self) { _ = try store.open() }
        try install(try foreign(20, 20))
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 20))
            #expect(storage.report.snapshotFailures.isEmpty)
            try storage.append(21...22)
        }
    }

    @Test func whatWasThereIsSetAsideUntilThereAreThreeSnapshotsAgain() throws {
        try fill()
        func aside() -> (log: Int, snapshots: Int) {
            (
                disk.paths.count { $0.contains("/log/old-") },
                disk.paths.count { $0.contains("/snap/old-snap-") }
            )
        }
        try install(try foreign(20, 20))
        try store.visit { storage throws in
            #expect(aside().log == 1 && aside().snapshots == 3)
            try storage.append(21...30)
            try storage.takeSnapshot(24)
            #expect(aside().snapshots == 3)
        }
        #expect(aside().log == 1)
        try store.visit { storage throws in
            try storage.append(31...40)
            try storage.takeSnapshot(35)
            #expect(aside().snapshots == 0)
            #expect(try storage.liveSnapshots() == [35, 24, 20])
        }
    }

    @Test func theNextInstallationRemovesWhatTheLastOneSetAside() throws {
        try fill()
        try install(try foreign(20, 20))
        try store.visit { try $0.append(21...22) }
        try install(try foreign(5, 5))
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 5))
            let names = try disk.names(in: store.snapshotPath).filter { $0.hasPrefix("old-") }
            #expect(names.compactMap { SnapshotName(fileName: $0)?.startZxid.rawValue } == [20])
            let sequences = try disk.names(in: store.logPath).filter { $0.hasPrefix("old-") }
            #expect(sequences.count == 1)
        }
    }

    @Test func whatIsWrittenNextBelongsToALaterEpochIfThatIsWanted() throws {
        try fill()
        try store.visit { storage throws in
            try storage.log.slots.commit { $0.acceptedEpoch = Epoch(rawValue: 4) }
        }
        try install(try foreign(0x2_0000_0001, 0x2_0000_0005))
        #expect(try metadata().currentEpoch.rawValue == 2)
        #expect(try metadata().acceptedEpoch.rawValue == 4)
        try install(try foreign(5, 5), beginsEpoch: true)
        #expect(try metadata().currentEpoch.rawValue == 5)
        #expect(try metadata().acceptedEpoch.rawValue == 5)
        try install(try foreign(0x9_0000_0001, 0x9_0000_0005), beginsEpoch: true)
        #expect(try metadata().currentEpoch.rawValue == 10)
    }

    /// No number of a segment or snapshot comes back, whatever became of the files.
    @Test func numbersAreNotUsedAgainAlthoughTheFilesAreGone() throws {
        try fill()
        let newest = try metadata().newestSegment
        try install(try foreign(20, 20))
        for path in disk.paths where path.contains("/log/seg-") { try disk.unlink(path) }
        try store.visit { storage throws in
            #expect(storage.log.end.segment > newest)
        }
    }

    @Test func aSnapshotIsRefusedBeforeAnythingChanges() throws {
        try fill()
        let before = disk.paths
        let good = try foreign(20, 20)
        for (what, bytes) in [
            ("cut short", Array(good.dropLast(1))), ("longer", good + [0]), ("empty", []),
            ("no snapshot", [UInt8](repeating: 7, count: 9000)),
            ("a block", good.flipped(at: 4096 + 60)), ("the header", good.flipped(at: 45)),
            ("the footer", good.flipped(at: good.count - 60)),
        ] as [(String, [UInt8])] {
            #expect(throws: ReceivedSnapshotDefect.self, "\(what)") { _ = try receive(bytes) }
            try disk.unlink(received)
        }
        #expect(disk.paths == before)
        #expect(try store.visit { try $0.replay() } == [10, 11, 12])
    }

    @Test func oneThatDoesNotLoadOrThatNobodyMayChangeIsRefused() throws {
        let bytes = try foreign(20, 20)
        try disk.makeDirectory("/data/snap")
        let file = try disk.create(received, access: .buffered)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        do throws(ReceivedSnapshotDefect) {
            _ = try ReceivedSnapshot(checking: received, on: disk) { _ in throw Surprise("no tree") }
            Issue.record("it was taken")
        } catch {
            #expect("\(error)" == "it does not load: no tree")
        }
    }

    @Test func aStoreThatIsOpenIsNotReplaced() throws {
        try fill()
        let storage = try store.open()
        let snapshot = try receive(try foreign(20, 20))
        do throws(StorageError) {
            try Storage.install(snapshot, in: store.configuration, beginsEpoch: false, on: disk)
            Issue.record("it was replaced")
        } catch {
            guard case .locked = error else {
                Issue.record(error)
                return
            }
        }
        withExtendedLifetime(storage) {}
    }

    /// The installed snapshot is all there is, and nothing else is served in its place.
    @Test(arguments: [false, true]) func ifTheInstalledSnapshotRotsTheStoreRefuses(isFinished: Bool) throws {
        try fill()
        try install(try foreign(20, 20))
        if isFinished { try store.visit { _ in } }
        let name = isFinished ? "/snap/snap-" : "/snap/tmp-snap-"
        let path = try #require(disk.paths.first { $0.contains(name) })
        #expect(disk.apply(.flipBit(path: path, offset: 4150, bit: 2)))
        let before = disk.paths
        do throws(StorageError) {
            _ = try store.open()
            Issue.record("it was opened")
        } catch {
            guard case .noStart(_, let failures, Zxid(rawValue: 20)) = error else {
                Issue.record(error)
                return
            }
            #expect(failures.count == 1)
        }
        #expect(disk.paths == before)
        try install(try foreign(30, 30))
        #expect(try store.visit { $0.report.snapshotZxid } == Zxid(rawValue: 30))
    }
}

extension [UInt8] {
    fileprivate func flipped(at place: Int) -> [UInt8] {
        var bytes = self
        bytes[place] ^= 1
        return bytes
    }
}
