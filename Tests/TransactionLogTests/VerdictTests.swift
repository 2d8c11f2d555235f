import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Single kinds of damage, and the verdict that docs/recovery.md gives each.
@Suite struct VerdictTests {
    private let disk = SimulatedDisk()
    private var place: LogPlace<SimulatedDisk> { LogPlace(disk) }

    /// Two segments: 1...3 in three batches, sealed; 4, 5 and an idle promise in the next.
    private func writeTwoSegments() throws -> [String] {
        let log = try place.make()
        for number in 1...4 { try log.append(number...number) }
        try log.append(5...5)
        try log.promise()
        let paths = try place.segmentPaths()
        #expect(paths.count == 2)
        return paths
    }

    /// Writes the beginning of a batch behind the end of the log, as a crash leaves it.
    private func tear(_ path: String, at position: Int) {
        disk.apply(.overwrite(path: path, offset: position, bytes: [UInt8](repeating: 0x41, count: 600)))
    }

    @Test func aLogThatEndsAtABatchIsClean() throws {
        _ = try writeTwoSegments()
        let (report, found) = try place.scan()
        #expect(report.verdict == .clean)
        #expect(found == records(1...5))
    }

    @Test func bytesBehindTheLastBatchThatNothingPromisesAreTornAndCut() throws {
        let paths = try writeTwoSegments()
        let end = Int(try place.scan().report.end.byteOffset)
        tear(paths[1], at: end)
        #expect(
            try place.scan().report.verdict
                == .torn(LogDefect(path: paths[1], byteOffset: end, reason: .batchHeader)))
        let (log, report) = try place.open()
        let kept = try #require(report.cutBytesPath)
        #expect(disk.contents(of: kept) == [UInt8](repeating: 0x41, count: 600))
        try log.append(6...6)
        let (after, found) = try place.scan()
        #expect(after.verdict == .clean)
        #expect(found == records(1...6))
    }

    @Test func aLostNewestSegmentIsMissedEvenBehindATornOne() throws {
        let paths = try writeTwoSegments()
        tear(paths[1], at: Int(try place.scan().report.end.byteOffset))
        let log = try place.open().log
        try log.append(6...6)
        let newest = try #require(try place.segmentPaths().last)
        disk.apply(.remove(path: newest))
        let (report, found) = try place.scan()
        #expect(report.verdict.short == "SUSPECT-TAIL c")
        #expect(!report.verdict.isSafe)
        #expect(found == records(1...5))
        #expect(throws: LogRefusal.self) { try place.open() }
    }

    @Test func aLostHeaderIsMissedEvenBehindATornSegment() throws {
        let paths = try writeTwoSegments()
        tear(paths[1], at: Int(try place.scan().report.end.byteOffset))
        let log = try place.open().log
        try log.append(6...6)
        let newest = try #require(try place.segmentPaths().last)
        disk.apply(.zero(path: newest, range: 0..<8192))
        let (report, _) = try place.scan()
        #expect(report.verdict.short == "DAMAGED-MIDDLE e")
        #expect(throws: LogRefusal.self) { try place.open() }
    }

    @Test func aMissingSegmentInTheMiddleIsNoticed() throws {
        let log = try place.make()
        for number in 1...9 { try log.append(number...number) }
        let paths = try place.segmentPaths()
        #expect(paths.count == 3)
        disk.apply(.remove(path: paths[1]))
        let (report, found) = try place.scan()
        #expect(report.verdict.short == "DAMAGED-MIDDLE b")
        #expect(found == records(1...4))
    }

    @Test func aMissingFirstSegmentIsNoticed() throws {
        let paths = try writeTwoSegments()
        disk.apply(.remove(path: paths[0]))
        #expect(try place.scan().report.verdict.short == "DAMAGED-MIDDLE b")
    }

    @Test func damageBelowTheSnapshotDoesNotMatter() throws {
        let paths = try writeTwoSegments()
        disk.apply(.zero(path: paths[0], range: 8192..<12288))
        #expect(try place.scan(after: numbered(4)).report.verdict == .clean)
        #expect(try place.scan(after: numbered(3)).report.verdict.short == "DAMAGED-MIDDLE b")
    }

    @Test func aLogThatEndsBeforeTheSnapshotIsSuspect() throws {
        _ = try writeTwoSegments()
        #expect(try place.scan(after: numbered(5)).report.verdict == .clean)
        #expect(try place.scan(after: numbered(6)).report.verdict.short == "SUSPECT-TAIL f")
    }

    @Test func aBatchMissingBeforeTheWatermarkIsSuspect() throws {
        let log = try place.make()
        let batch = try log.append(1...1)
        try log.refreshWatermark()
        let path = try #require(try place.segmentPaths().last)
        disk.apply(.zero(path: path, range: 8192..<Int(batch.end.byteOffset)))
        #expect(try place.scan().report.verdict.short == "SUSPECT-TAIL c")
    }

    @Test func bytesBehindACleanStopAreSuspect() throws {
        let log = try place.make()
        try log.append(1...1)
        try log.close(time: LogPlace<SimulatedDisk>.time, committed: numbered(1))
        let (report, _) = try place.scan()
        #expect(report.verdict == .clean)
        let path = try #require(try place.segmentPaths().last)
        tear(path, at: Int(report.end.byteOffset))
        #expect(try place.scan().report.verdict.short == "SUSPECT-TAIL c")
    }

    @Test func aDamagedBatchBeforeASealIsSuspectEvenIfTheSuccessorIsGone() throws {
        let paths = try writeTwoSegments()
        disk.apply(.remove(path: paths[1]))
        disk.apply(.zero(path: paths[0], range: 8192 + 3 * 4096..<8192 + 5 * 4096))
        // The batch of record 4 and the footer are gone, the seal stands.
        let (report, found) = try place.scan()
        #expect(!report.verdict.isSafe)
        #expect(found == records(1...3))
    }

    @Test func aSegmentOfAnotherStoreIsRefused() throws {
        let paths = try writeTwoSegments()
        let other = SimulatedDisk()
        try other.makeDirectory("log")
        let stranger = LogPlace(other, seed: 9)
        try MetadataSlots.create(in: "log", metadata: StoreMetadata(storeID: 77), on: other)
        let log = try stranger.open().log
        for number in 1...5 { try log.append(number...number) }
        let foreign = try #require(other.contents(of: paths[1]))
        disk.apply(.overwrite(path: paths[1], offset: 0, bytes: foreign))
        let report = try place.scan().report
        #expect(report.verdict.short == "DAMAGED-MIDDLE e")
        #expect(report.verdict.defect == LogDefect(path: paths[1], byteOffset: 0, reason: .foreign))
    }

    @Test(arguments: 0..<8)
    func anUnreadableBlockIsNamedWhereItIs(block: Int) throws {
        let paths = try writeTwoSegments()
        disk.apply(.makeUnreadable(path: paths[0], range: block * 4096..<block * 4096 + 512))
        let (report, found) = try place.scan()
        if block < 2 {
            #expect(report.verdict == .clean, "one copy of the header is enough")
            #expect(found == records(1...5))
        } else if block < 6 {
            #expect(report.verdict.short == "DAMAGED-MIDDLE b")
            #expect(
                report.verdict.defect
                    == LogDefect(path: paths[0], byteOffset: block * 4096, reason: .unreadable))
            #expect(found == Array(records(1...5).prefix(block - 2)))
        } else {
            #expect(report.verdict == .clean, "the successor says where the segment ends, not footer or seal")
            #expect(report.harmlessDefects.count == (block == 6 ? 1 : 0))
            #expect(found == records(1...5))
        }
    }
}
