import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// A start that is refused leaves everything as it found it, for whoever comes to mend it.
@Suite struct UntouchedTests {
    private typealias Files = [String: [UInt8]]

    private static func files(of disk: SimulatedDisk) -> Files {
        var files: Files = [:]
        for path in disk.paths { files[path] = disk.contents(of: path) }
        return files
    }

    /// A store with everything that a start that is allowed changes: a damaged copy of the slots and of a
    /// header, a prepared segment, a half-written snapshot, a damaged one, a purged segment that came back.
    private func untidyStore() throws -> Store<SimulatedDisk> {
        let store = Store(on: SimulatedDisk())
        var purged: Files = [:]
        try store.visit { storage throws in
            try storage.append(1...10, byteCount: 20_000)
            for zxid in [5, 6, 7] as [Int64] {
                purged = Self.files(of: store.disk)
                try storage.takeSnapshot(zxid)
            }
            try storage.append(11...16, byteCount: 20_000)
            try storage.takeSnapshot(12)
            _ = try storage.log.supply.prepare()
        }
        let disk = store.disk
        let comeBack = try #require(purged.keys.sorted().first { $0.contains("/seg-") })
        #expect(disk.contents(of: comeBack) == nil)
        let file = try disk.create(comeBack, access: .buffered)
        try purged[comeBack, default: []].withUnsafeBytes { try file.write($0, at: 0) }
        let half = SnapshotName(startZxid: Zxid(rawValue: 13), generation: 9)
        _ = try disk.create("/data/snap/" + half.temporaryFileName, access: .buffered)
        #expect(disk.apply(.flipBit(path: "/data/log/meta", offset: 100, bit: 1)))
        #expect(disk.apply(.flipBit(path: try segment(-1, of: disk), offset: 4096 + 60, bit: 1)))
        let newest = try #require(disk.paths.last { $0.contains("/snap/snap-") })
        #expect(disk.apply(.flipBit(path: newest, offset: 4150, bit: 2)))
        #expect(disk.paths.contains { $0.contains("/prep-") })
        return store
    }

    /// The path of a live segment, counted from the newest: -1, -2 ...
    private func segment(_ place: Int, of disk: SimulatedDisk) throws -> String {
        let segments = disk.paths.filter { $0.contains("/log/seg-") }.sorted()
        return try #require(segments.dropLast(-place - 1).last)
    }

    /// Opens twice; what the second one finds must be what the first one found.
    private func expectRefused(
        _ store: Store<SimulatedDisk>, _ isExpected: (StorageError) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let before = Self.files(of: store.disk)
        for _ in 0..<2 {
            do throws(StorageError) {
                _ = try store.open()
                Issue.record("it was opened", sourceLocation: sourceLocation)
            } catch {
                #expect(isExpected(error), "\(error)", sourceLocation: sourceLocation)
            }
            let after = Self.files(of: store.disk)
            #expect(after.keys.sorted() == before.keys.sorted(), sourceLocation: sourceLocation)
            for (path, bytes) in before {
                #expect(after[path] == bytes, "\(path)", sourceLocation: sourceLocation)
            }
        }
    }

    /// So that the other tests can fail.
    @Test func anAllowedStartTidiesUp() throws {
        let store = try untidyStore()
        let before = Self.files(of: store.disk)
        try store.visit { storage throws in
            #expect(storage.report.repairedSlots == [0])
            #expect(storage.report.log.repairedHeaderPaths.count == 1)
            #expect(storage.report.snapshotFailures.count == 1)
            #expect(storage.report.snapshotZxid == Zxid(rawValue: 7))
            #expect(try storage.replay() == Array(8...16))
        }
        let after = Self.files(of: store.disk)
        #expect(after.keys.contains { $0.contains("/bad-snap-") })
        #expect(!after.keys.contains { $0.contains("/tmp-") })
        #expect(Set(before.keys.filter { $0.contains("/prep-") }).isDisjoint(with: after.keys))
        #expect(before.keys.filter { $0.contains("/seg-") && after[$0] == nil }.count == 1)
    }

    @Test func damageInTheMiddle() throws {
        let store = try untidyStore()
        #expect(store.disk.apply(.flipBit(path: try segment(-2, of: store.disk), offset: 8192 + 300, bit: 1)))
        expectRefused(store) { if case .refused(.damagedMiddle, _) = $0 { true } else { false } }
    }

    @Test func aLostEnd() throws {
        let store = try untidyStore()
        store.disk.apply(.remove(path: try segment(-1, of: store.disk)))
        expectRefused(store) { if case .refused(.suspectTail, _) = $0 { true } else { false } }
    }

    @Test func aSnapshotThatKnowsMoreThanTheLog() throws {
        let store = try untidyStore()
        let storeID = try MetadataSlots.read(in: store.logPath, on: store.disk).storeID
        let other = Store(on: SimulatedDisk())
        let written = try other.visit { try $0.writeSnapshot(20, 20, storeID: storeID) }
        let path = "/data/snap/" + written.name.fileName
        let bytes = try #require(other.disk.contents(of: path))
        let file = try store.disk.create(path, access: .buffered)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        expectRefused(store) {
            if case .refused(.suspectTail(_, evidence: .snapshot, _), _) = $0 { true } else { false }
        }
    }

    @Test func noSnapshotThatLoads() throws {
        let store = try untidyStore()
        for path in store.disk.paths where path.contains("/snap/snap-") {
            store.disk.apply(.zero(path: path, range: 4100..<4200))
        }
        expectRefused(store) { if case .noStart = $0 { true } else { false } }
    }

    @Test func slotsThatDoNotRead() throws {
        let store = try untidyStore()
        #expect(store.disk.apply(.flipBit(path: "/data/log/meta", offset: 65536 + 100, bit: 1)))
        expectRefused(store) { if case .metadata(.damaged) = $0 { true } else { false } }
    }

    @Test func slotsThatAreMissing() throws {
        let store = try untidyStore()
        store.disk.apply(.remove(path: "/data/log/meta"))
        expectRefused(store) { if case .metadataMissing = $0 { true } else { false } }
    }

    /// The truncation is decided, and its files are not in line yet.
    @Test func damageBesideAnUnfinishedTruncation() throws {
        let store = Store(on: SimulatedDisk())
        try store.visit { storage throws in
            try storage.append(1...10, byteCount: 20_000)
            try storage.takeSnapshot(9)
        }
        try Storage.truncate(store.configuration, lastKept: Zxid(rawValue: 7), on: store.disk)
        let oldest = try #require(store.disk.paths.sorted().first { $0.contains("/log/seg-") })
        #expect(store.disk.apply(.flipBit(path: oldest, offset: 8192 + 300, bit: 1)))
        expectRefused(store) { if case .refused(.damagedMiddle, _) = $0 { true } else { false } }
        #expect(store.disk.apply(.flipBit(path: oldest, offset: 8192 + 300, bit: 1)))
        #expect(try store.visit { try $0.replay() } == Array(1...7))
    }

    /// What a truncation keeps of a divided batch is needed to finish it.
    @Test func damageToWhatATruncationKeeps() throws {
        let store = Store(on: SimulatedDisk())
        try store.visit { try $0.appendTogether(1...6) }
        try Storage.truncate(store.configuration, lastKept: Zxid(rawValue: 4), on: store.disk)
        let path = try segment(-1, of: store.disk)
        #expect(store.disk.apply(.flipBit(path: path, offset: 8192 + 300, bit: 1)))
        expectRefused(store) { if case .log(.damaged) = $0 { true } else { false } }
    }
}
