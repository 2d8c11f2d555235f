import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import TestSupport
import Testing
import TransactionLog

/// What a server finds when it starts.
@Suite struct OpeningTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    @Test func anEmptyDirectoryBecomesAStore() throws {
        try store.visit { storage throws in
            #expect(storage.report.log.recovery.verdict == .clean)
            #expect(storage.report.snapshotZxid == .zero)
            #expect(storage.report.snapshotPath == nil)
            #expect(storage.report.incarnation == 1)
            #expect(storage.log.slots.metadata.storeID != 0)
            #expect(try storage.replay() == [])
        }
        #expect(disk.paths.contains("/data/log/meta"))
    }

    @Test func everyOpeningCountsAnIncarnationOfTheSameStore() throws {
        let storeID = try store.visit { $0.log.slots.metadata.storeID }
        for incarnation in UInt64(2)...4 {
            try store.visit { storage throws in
                #expect(storage.report.incarnation == incarnation)
                #expect(storage.log.slots.metadata.storeID == storeID)
            }
        }
    }

    @Test func whatWasAppendedComesBack() throws {
        try store.visit { try $0.append(1...20) }
        try store.visit { storage throws in
            #expect(try storage.replay() == Array(1...20))
            try storage.append(21...30)
        }
        #expect(try store.visit { try $0.replay() } == Array(1...30))
    }

    @Test func aCleanStopIsFoundClean() throws {
        try store.visit { storage throws in
            try storage.append(1...5)
            try storage.log.close(time: 1_700_000_000_100, committed: Zxid(rawValue: 5))
        }
        try store.visit { storage throws in
            #expect(storage.report.log.recovery.verdict == .clean)
            #expect(storage.report.log.cutBytesPath == nil)
            #expect(try storage.replay() == Array(1...5))
        }
    }

    @Test func theNewestSnapshotLoadsAndTheLogGoesOnBehindIt() throws {
        try store.visit { storage throws in
            try storage.append(1...10)
            try storage.takeSnapshot(4)
            try storage.takeSnapshot(8)
        }
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 8))
            #expect(storage.report.snapshotFailures.isEmpty)
            #expect(try storage.replay() == [9, 10])
        }
    }

    @Test func aFuzzySnapshotCountsFromItsEnd() throws {
        try store.visit { storage throws in
            try storage.append(1...10)
            _ = try storage.retention.register(try storage.writeSnapshot(3, 7))
        }
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 7))
            #expect(try storage.replay() == [8, 9, 10])
        }
    }

    @Test func halfWrittenSnapshotsAreRemoved() throws {
        try store.visit { _ in }
        let name = SnapshotName(startZxid: Zxid(rawValue: 9), generation: 1)
        _ = try disk.create("/data/snap/" + name.temporaryFileName, access: .buffered)
        try store.visit { _ in }
        #expect(!disk.paths.contains { $0.contains("tmp-") })
    }

    @Test func logAndSnapshotsMayStandApart() throws {
        var apart = store
        apart.configuration.logDirectory = "/other"
        try apart.visit { storage throws in
            try storage.append(1...5)
            try storage.takeSnapshot(3)
        }
        #expect(disk.paths.contains("/other/log/meta"))
        #expect(try apart.visit { try $0.replay() } == [4, 5])
    }

    @Test func theKernelsDiskKeepsItToo() throws {
        let directory = try TemporaryDirectory()
        let store = Store(on: try KernelDisk(probing: directory.path), at: directory.path)
        try store.visit { storage throws in
            try storage.append(1...10)
            try storage.takeSnapshot(6)
            #expect(throws: StorageError.self) { try store.open() }
        }
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 6))
            #expect(try storage.replay() == [7, 8, 9, 10])
            for zxid in Int64(7)...9 { try storage.takeSnapshot(zxid) }
            #expect(try storage.liveSnapshots() == [9, 8, 7])
        }
        try Storage.truncate(store.configuration, lastKept: Zxid(rawValue: 8), on: store.disk)
        try store.visit { storage throws in
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 8))
            #expect(try storage.replay() == [])
        }
    }
}

/// One server a directory.
@Suite struct LockTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    @Test func aSecondOpeningIsRefusedWhileTheFirstLives() throws {
        try store.visit { storage throws in
            try expectLocked("/data/log/LOCK") { _ = try store.open() }
            try expectLocked("/data/log/LOCK") {
                try Storage.truncate(store.configuration, lastKept: .zero, on: disk)
            }
            #expect(storage.report.incarnation == 1)
        }
        try store.visit { #expect($0.report.incarnation == 2) }
    }

    @Test func theRefusedOneIsToldWhoHoldsTheStore() throws {
        let directory = try TemporaryDirectory()
        var store = Store(on: KernelDisk(syncMode: .bufferedThenSync), at: directory.path)
        store.configuration.ownerDescription = "zkserver, process 7, host a, boot 12-34\n"
        try store.visit { _ in
            let error = #expect(throws: StorageError.self) { try store.open() }
            guard case .locked(let path, let owner)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(path == directory.path + "/log/LOCK")
            #expect(owner == "zkserver, process 7, host a, boot 12-34")
            #expect(error?.description.contains("(zkserver, process 7, host a, boot 12-34)") == true)
        }
    }

    /// Anybody may have written into it: a terminal must not be told what to do.
    @Test func ofALockFilesTextOnlyALineOfPlainCharactersIsShown() throws {
        let directory = try TemporaryDirectory()
        var store = Store(on: KernelDisk(syncMode: .bufferedThenSync), at: directory.path)
        for (text, owner) in [
            ("", nil), ("\u{1b}[2J", nil), ("a\u{7}b\nc", "a"),
            (String(repeating: "x", count: 5000), String(repeating: "x", count: 200)),
        ] as [(String, String?)] {
            store.configuration.ownerDescription = text
            try store.visit { _ in
                let error = #expect(throws: StorageError.self) { try store.open() }
                guard case .locked(_, owner)? = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test func aSharedSnapshotDirectoryIsRefusedToo() throws {
        var other = store
        other.configuration.logDirectory = "/other"
        try store.visit { _ in
            try expectLocked("/data/snap/LOCK") { _ = try other.open() }
        }
    }

    @Test func aRefusalLetsTheLockGo() throws {
        try store.visit { try $0.append(1...3) }
        disk.apply(.remove(path: "/data/log/meta"))
        for _ in 0..<2 {
            let error = #expect(throws: StorageError.self) { try store.open() }
            guard case .metadataMissing? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    private func expectLocked(_ expected: String, _ body: () throws -> Void) throws {
        let error = try #require(#expect(throws: StorageError.self) { try body() })
        guard case .locked(expected, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains("Stop it"))
    }
}
