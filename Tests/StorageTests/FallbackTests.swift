import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// A snapshot that does not load costs a longer replay, not the store.
@Suite struct FallbackTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    /// Records 1...12, snapshots at 3, 6 and 9.
    private func fill() throws {
        try store.visit { storage throws in
            try storage.append(1...12)
            for zxid in [3, 6, 9] as [Int64] { try storage.takeSnapshot(zxid) }
        }
    }

    private func path(ofSnapshot zxid: Int64) throws -> String {
        let part = "snap-" + String(repeating: "0", count: 15) + String(zxid, radix: 16)
        return try #require(disk.paths.first { $0.contains(part) })
    }

    private func damage(_ zxid: Int64) throws {
        #expect(disk.apply(.flipBit(path: try path(ofSnapshot: zxid), offset: 4150, bit: 2)))
    }

    @Test func aDamagedSnapshotIsSetAsideAndTheOneBeforeItLoads() throws {
        try fill()
        let path = try path(ofSnapshot: 9)
        try damage(9)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 6))
            #expect(try storage.replay() == Array(7...12))
            let failure = try #require(storage.report.snapshotFailures.first)
            #expect(storage.report.snapshotFailures.count == 1)
            #expect(failure.path == path)
            #expect(failure.reason.contains("checksum"))
            let aside = try #require(failure.quarantinedAs)
            #expect(aside.hasPrefix("bad-snap-"))
            #expect(disk.paths.contains("/data/snap/" + aside))
            #expect(!disk.paths.contains(path))
        }
        try store.visit { #expect($0.report.snapshotFailures.isEmpty) }
    }

    @Test func allDamagedIsNoLossWhileTheLogReachesBack() throws {
        try fill()
        for zxid in [3, 6, 9] as [Int64] { try damage(zxid) }
        try store.visit { storage throws in
            #expect(storage.report.snapshotFailures.count == 3)
            #expect(storage.report.snapshotZxid == .zero)
            #expect(try storage.replay() == Array(1...12))
        }
    }

    @Test func aSnapshotThatItsLoaderRefusesIsSetAside() throws {
        try fill()
        let storage = try store.open { reader in
            if reader.footer.end.zxid > Zxid(rawValue: 6) { throw Surprise("another digest") }
        }
        #expect(storage.report.snapshotZxid == Zxid(rawValue: 6))
        #expect(storage.report.snapshotFailures.first?.reason == "another digest")
        #expect(storage.report.snapshotFailures.first?.quarantinedAs != nil)
    }

    @Test func aSnapshotThatTheDiskDoesNotGiveIsLeftInItsPlace() throws {
        try fill()
        let path = try path(ofSnapshot: 9)
        disk.apply(.makeUnreadable(path: path, range: 4150..<4151))
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 6))
            #expect(storage.report.snapshotFailures.first?.quarantinedAs == nil)
            #expect(disk.paths.contains(path))
            // It may come back, but until it does no log may go on its account.
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [6, 3])
        }
    }

    @Test func whatIsSetAsideStaysAsideWhateverThePowerDoes() throws {
        try fill()
        try damage(9)
        let aside = try store.visit { storage throws in
            try #require(storage.report.snapshotFailures.first?.quarantinedAs)
        }
        #expect(try path(ofSnapshot: 9) == "/data/snap/" + aside)
        func names(on disk: SimulatedDisk) -> [String] {
            disk.paths.filter { $0.hasPrefix("/data/snap/") }.sorted()
        }
        for state in disk.crashStates(limit: 100) { #expect(names(on: state) == names(on: disk)) }
    }

    @Test func anotherStoresSnapshotIsNotLoadedAndNotTouched() throws {
        try fill()
        try store.visit { _ = try $0.writeSnapshot(11, 11, storeID: 1) }
        let path = try path(ofSnapshot: 11)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 9))
            #expect(storage.report.snapshotFailures.first?.path == path)
            #expect(storage.report.snapshotFailures.first?.reason == "it belongs to another store")
            #expect(disk.paths.contains(path))
        }
    }

    @Test func aSnapshotThatIsSetAsideNoLongerCountsAsVerified() throws {
        try fill()
        try damage(9)
        try store.visit { storage throws in
            #expect(storage.log.slots.metadata.snapshots.map(\.endZxid.rawValue) == [6, 3])
        }
    }

    @Test func aDirectoryThatBelongsToNobodyIsNoObstacle() throws {
        try fill()
        for name in ["snap-x.zks", "notes.txt", "snap-0000000000000001-00000001.zks.part"] {
            _ = try disk.create("/data/snap/" + name, access: .buffered)
            _ = try disk.create("/data/log/" + name, access: .buffered)
        }
        try store.visit { #expect($0.report.snapshotZxid == Zxid(rawValue: 9)) }
        #expect(disk.paths.contains("/data/snap/notes.txt"))
    }
}
