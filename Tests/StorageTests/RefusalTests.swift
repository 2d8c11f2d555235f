import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// What is not whole is not opened, and the message says what is missing and what to do.
@Suite struct RefusalTests {
    private let disk = SimulatedDisk()
    private var store: Store<SimulatedDisk> { Store(on: disk) }

    private func refusal() throws -> StorageError {
        try #require(#expect(throws: StorageError.self) { try store.open() })
    }

    /// Records in many segments, and enough snapshots that the first segments were removed.
    private func fillAndPurge() throws {
        try store.visit { storage throws in
            try storage.append(1...10, byteCount: 20_000)
            try storage.takeSnapshot(2)
            for zxid in Int64(8)...10 { try storage.takeSnapshot(zxid) }
            let oldest = storage.log.tail.oldestRetained
            #expect(oldest > Zxid(rawValue: 2) && oldest <= Zxid(rawValue: 8))
        }
    }

    private func damageSnapshots() {
        for path in disk.paths where path.contains("/snap/snap-") {
            #expect(disk.apply(.flipBit(path: path, offset: 4150, bit: 0)))
        }
    }

    @Test func segmentsWithoutMetadataAreRefused() throws {
        try store.visit { try $0.append(1...3) }
        disk.apply(.remove(path: "/data/log/meta"))
        let error = try refusal()
        guard case .metadataMissing("/data/log", let found) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(found.hasPrefix("seg-"))
        #expect(error.description.contains("Restore meta from a backup"))
        #expect(!disk.paths.contains("/data/log/meta"))
    }

    @Test func snapshotsWithoutMetadataAreRefused() throws {
        try store.visit { storage throws in
            try storage.append(1...3)
            try storage.takeSnapshot(2)
        }
        for path in disk.paths where path.hasPrefix("/data/log/") { disk.apply(.remove(path: path)) }
        guard case .metadataMissing("/data/log", let found) = try refusal() else {
            Issue.record("a store of snapshots was taken for a new one")
            return
        }
        #expect(found.hasPrefix("snap-"))
    }

    @Test func damagedMetadataIsRefused() throws {
        try store.visit { try $0.append(1...3) }
        disk.apply(.zero(path: "/data/log/meta", range: 0..<4 * 64 * 1024))
        let error = try refusal()
        guard case .metadata(.damaged) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.description.contains("from a backup"))
    }

    @Test func noSnapshotAndALogThatBeginsLaterIsNoStart() throws {
        try fillAndPurge()
        damageSnapshots()
        let error = try refusal()
        guard case .noStart("/data/snap", let failures, let oldest) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(failures.count == 3)
        #expect(oldest > .zero)
        for failure in failures { #expect(error.description.contains(failure.path)) }
    }

    @Test func aSnapshotThatEndsBeforeTheLogBeginsIsAGap() throws {
        try fillAndPurge()
        // An operator has put an old snapshot back; the newer ones are bad.
        damageSnapshots()
        let other = Store(on: SimulatedDisk())
        let storeID = try MetadataSlots.read(in: "/data/log", on: disk).storeID
        let written = try other.visit { try $0.writeSnapshot(1, 1, storeID: storeID) }
        let bytes = try #require(other.disk.contents(of: "/data/snap/" + written.name.fileName))
        let file = try disk.create("/data/snap/" + written.name.fileName, access: .buffered)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        let error = try refusal()
        guard case .gap(Zxid(rawValue: 1), let oldest, let failures) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(oldest > Zxid(rawValue: 1))
        #expect(failures.count == 3)
        #expect(error.description.contains("Restore a newer snapshot"))
    }

    @Test func aDamagedAcknowledgedRecordIsRefusedAndNothingIsChanged() throws {
        try store.visit { try $0.append(1...5, byteCount: 100) }
        let segment = try #require(disk.paths.first { $0.contains("/log/seg-") })
        disk.apply(.flipBit(path: segment, offset: 8192 + 4096 + 200, bit: 1))
        let before = disk.contents(of: segment)
        let error = try refusal()
        guard case .refused(.damagedMiddle(let defect, _, let last, let next), "/data/log") = error else {
            Issue.record("\(error)")
            return
        }
        #expect(defect.path == segment)
        #expect(defect.byteOffset == 8192 + 4096)
        #expect(last == Zxid(rawValue: 1))
        #expect(next == Zxid(rawValue: 3))
        #expect(error.description.contains("zklogdump --verify /data/log"))
        #expect(disk.contents(of: segment) == before)
    }

    @Test func damageThatCostsNoRecordIsReportedAndNothingIsRefused() throws {
        try store.visit { storage throws in
            try storage.append(1...5, byteCount: 100)
            try storage.log.writeIdlePromise(time: 1_700_000_000_100, committed: .zero)
        }
        try store.visit { _ in }
        let segment = try #require(disk.paths.first { $0.contains("/log/seg-") })
        let place = 8192 + 5 * 4096
        disk.apply(.zero(path: segment, range: place..<place + 4096))
        try store.visit { storage throws in
            #expect(storage.report.log.recovery.verdict == .clean)
            #expect(
                storage.report.log.recovery.harmlessDefects
                    == [LogDefect(path: segment, byteOffset: place, reason: .batchTorn)])
            #expect(try storage.replay() == Array(1...5))
        }
    }

    @Test func aMissingSegmentIsRefused() throws {
        try store.visit { try $0.append(1...10, byteCount: 20_000) }
        let segments = disk.paths.filter { $0.contains("/log/seg-") }
        #expect(segments.count > 2)
        disk.apply(.remove(path: segments[1]))
        guard case .refused = try refusal() else {
            Issue.record("a log with a hole was opened")
            return
        }
    }

    @Test func aSnapshotBeyondTheLogsEndIsRefused() throws {
        try store.visit { storage throws in
            try storage.append(1...5)
            try storage.takeSnapshot(5)
            _ = try storage.writeSnapshot(9, 9)
        }
        guard case .refused(.suspectTail(_, evidence: .snapshot, _), _) = try refusal() else {
            Issue.record("a snapshot knows records that the log has lost, and nothing noticed")
            return
        }
    }

    @Test func aFullDiskIsAnError() throws {
        let small = SimulatedDisk(byteCountLimit: 300 * 1024)
        let error = #expect(throws: StorageError.self) { try Store(on: small).open() }
        switch error {
        case .disk(let error)? where error.isDiskFull: break
        case .log(.noSpace)?: break
        default: Issue.record("\(String(describing: error))")
        }
    }

    /// The first call of an opening fails, then the second, and so on: each time there is an error with
    /// a type, and the next opening finds everything.
    @Test func whicheverCallOfAnOpeningFailsTheNextOneFindsEverything() throws {
        try store.visit { storage throws in
            try storage.append(1...8)
            for zxid in [2, 4, 6] as [Int64] { try storage.takeSnapshot(zxid) }
        }
        for nth in 1...500 {
            let copy = Store(on: disk.processCrash())
            copy.disk.setFaults([.fail(nth: nth, code: Errno.inputOutput)])
            do throws(StorageError) {
                let storage = try copy.open()
                #expect(storage.report.log.recovery.end.lastZxid == Zxid(rawValue: 8))
            } catch {
                #expect(!error.description.isEmpty)
            }
            let isDone = copy.disk.faultHits == [0]
            copy.disk.setFaults([])
            let zxids = try copy.visit { try $0.replay() }
            #expect(zxids == [7, 8] || zxids == Array(5...8), "after call \(nth) failed")
            if isDone {
                #expect(nth > 20)
                return
            }
        }
        Issue.record("opening makes more than 500 calls")
    }
}
