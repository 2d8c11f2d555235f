import Disk
import Identifiers
import Simulation
import Storage
import Testing
import TransactionLog

/// What bad disks do to a log: found, told with its place, and nothing is cut that was promised.
@Suite struct LogFaultTests {
    private static let block = LogFormat.blockByteCount
    private static let first = LogFormat.headerByteCount

    /// Three lone records in one segment, at blocks 2, 3 and 4.
    private func threeRecords(_ more: (ScriptRun) throws -> Void = { _ in }) throws -> FaultyStore {
        try FaultyStore { run in
            try run.open()
            for _ in 0..<3 { try run.append(40) }
            try more(run)
        }
    }

    @Test func anyFlippedBitInTheMiddleIsNamedByItsNeighbours() throws {
        let store = try threeRecords()
        let used = Array(0..<(128 + 12 + 40)) + Array((Self.block - 16)..<Self.block)
        for offset in used {
            let disk = store.copy()
            let place = Self.first + Self.block + offset
            disk.apply(.flipBit(path: store.segments[0], offset: place, bit: offset % 8))
            let verdict = try FaultyStore.verdict(of: disk)
            #expect(verdict.damagedRange == [store.zxid(1), store.zxid(3)], "byte \(offset): \(verdict)")
        }
    }

    @Test func aLostBlockInTheMiddleIsNotTheEnd() throws {
        let store = try threeRecords()
        let range = Self.first + Self.block..<Self.first + 2 * Self.block
        let zeroed = store.copy()
        zeroed.apply(.zero(path: store.segments[0], range: range))
        #expect(try FaultyStore.verdict(of: zeroed).damagedRange == [store.zxid(1), store.zxid(3)])
        let unreadable = store.copy()
        unreadable.apply(.makeUnreadable(path: store.segments[0], range: range))
        let verdict = try FaultyStore.verdict(of: unreadable)
        #expect(verdict.reason == .unreadable)
        #expect(verdict.damagedRange == [store.zxid(1), store.zxid(3)])
    }

    @Test func theLastAcknowledgedBatchIsMissedOnceSomethingPromisesIt() throws {
        let damage = Damage.zero(path: "", range: Self.first + 2 * Self.block..<Self.first + 3 * Self.block)
        func verdict(_ more: (ScriptRun) throws -> Void) throws -> LogVerdict {
            let store = try threeRecords(more)
            guard case .zero(_, let range) = damage else { return .clean }
            store.disk.apply(.zero(path: store.segments[0], range: range))
            return try FaultyStore.verdict(of: store.disk)
        }
        #expect(try verdict { try $0.promise() }.damagedRange != nil)
        #expect(try verdict { try $0.refreshWatermark() }.suspectEvidence == .slots)
        #expect(try verdict { try $0.close() }.isSafe == false)
        #expect(try verdict { try $0.roll() }.damagedRange != nil)
        #expect(try verdict { try $0.open() }.damagedRange != nil)
        // With no promise it looks as if it had never been written, which is a few ms of every pause.
        #expect(try verdict { _ in } == .clean)
    }

    @Test func bytesBehindACleanStopAreNoTornBatch() throws {
        let store = try threeRecords { try $0.close() }
        store.disk.apply(.flipBit(path: store.segments[0], offset: Self.first + 4 * Self.block + 9, bit: 1))
        #expect(try FaultyStore.verdict(of: store.disk).suspectEvidence == .slots)
    }

    @Test func oneBadHeaderIsMendedAndTwoAreRefused() throws {
        let store = try threeRecords()
        for copy in 0..<2 {
            let disk = store.copy()
            let path = store.segments[0]
            disk.apply(.flipBit(path: path, offset: copy * Self.block + 40, bit: 2))
            let report = try store.openWhole(disk)
            #expect(report.log.repairedHeaderPaths == [path])
            #expect(disk.contents(of: path)?[..<Self.first] == store.disk.contents(of: path)?[..<Self.first])
        }
        let disk = store.copy()
        disk.apply(.flipBit(path: store.segments[0], offset: 40, bit: 2))
        disk.apply(.flipBit(path: store.segments[0], offset: Self.block + 40, bit: 2))
        #expect(try FaultyStore.verdict(of: disk).reason == .header)
    }

    @Test func aLostSegmentIsMissedWhereverItWas() throws {
        let store = try FaultyStore { run in
            try run.open()
            for _ in 0..<2 { try run.roll() }
            // Sealed files are cut behind their last block, as a server does while it prepares the next.
            _ = try run.prepare()
        }
        #expect(store.segments.count == 3)
        for (index, path) in store.segments.enumerated() {
            let disk = store.copy()
            disk.apply(.remove(path: path))
            let verdict = try FaultyStore.verdict(of: disk)
            #expect(verdict.reason == .missingSegment, "\(verdict)")
            #expect((verdict.suspectEvidence == .slots) == (index == 2), "\(verdict)")
        }
        let empty = store.copy()
        for path in store.segments { empty.apply(.remove(path: path)) }
        #expect(try FaultyStore.verdict(of: empty).suspectEvidence == .slots)
    }

    @Test func onlyTheSlotsKnowOfALostNewestSegment() throws {
        func steps(_ run: ScriptRun) throws {
            try run.open()
            try run.roll()
        }
        let kept = try FaultyStore(steps)
        kept.disk.apply(.remove(path: kept.segments[1]))
        #expect(try FaultyStore.verdict(of: kept.disk).isSafe == false)
        let broken = try FaultyStore(breaking: [.slotsNameRolledSegment], steps)
        broken.disk.apply(.remove(path: broken.segments[1]))
        #expect(try FaultyStore.verdict(of: broken.disk).isSafe)
    }

    @Test(arguments: [
        FaultRule.loseWrite(nth: 1, pathSuffix: ".zkl"),
        .misdirectWrite(nth: 1, pathSuffix: ".zkl", movedBy: 4096),
        .misdirectWrite(nth: 1, pathSuffix: ".zkl", movedBy: 8192),
        .misdirectWrite(nth: 1, pathSuffix: ".zkl", toPathSuffix: "meta", movedBy: 4096),
    ])
    func aWriteThatNeverReachedItsPlaceIsMissed(_ fault: FaultRule) throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([fault])
            try run.append(40)
            try run.append(40)
        }
        #expect(try FaultyStore.verdict(of: store.disk).damagedRange == [store.zxid(1), store.zxid(3)])
    }

    @Test func aWriteThatHitAnotherBatchIsMissedThere() throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.append(40)
            run.disk.setFaults([.misdirectWrite(nth: 1, pathSuffix: ".zkl", movedBy: -4096)])
            try run.append(40)
            try run.append(40)
        }
        #expect(try FaultyStore.verdict(of: store.disk).damagedRange == [.zero, store.zxid(3)])
    }

    @Test func aDiskThatLiesAboutSyncsIsCaughtByTheWatermark() throws {
        let store = try FaultyStore { run in
            try run.open()
            run.disk.setFaults([.lieAboutSync(.write, nth: 1, for: .batchSynced, goesOn: true)])
            try run.append(40)
            try run.refreshWatermark()
        }
        let state = try #require(store.disk.crashStates(limit: 1).first)
        #expect(try FaultyStore.verdict(of: state).suspectEvidence == .slots)
    }

    @Test func aSegmentOfAnotherStoreOrPlaceIsForeign() throws {
        let store = try FaultyStore { run in
            try run.open()
            try run.roll()
        }
        let other = try FaultyStore { run in
            run.seed = 400
            try run.open()
            try run.append(40)
        }
        let foreign = store.copy()
        let bytes = try #require(other.disk.contents(of: other.segments[0]))
        foreign.apply(.overwrite(path: store.segments[1], offset: 0, bytes: bytes))
        #expect(try FaultyStore.verdict(of: foreign).reason == .foreign)
        let moved = store.copy()
        let own = try #require(store.disk.contents(of: store.segments[0]))
        moved.apply(.overwrite(path: store.segments[1], offset: 0, bytes: own))
        #expect(try FaultyStore.verdict(of: moved).reason == .foreign)
    }
}
