import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// Nothing that is needed goes; what is not needed goes and stays away.
@Suite struct RetentionTests {
    private let disk = SimulatedDisk()
    private var place: LogPlace<SimulatedDisk> { LogPlace(disk, ringByteCount: 1) }

    private func write() throws -> TransactionLog<SimulatedDisk> {
        let log = try place.make()
        for number in 1...20 { try log.append(number...number) }
        return log
    }

    private func purge(_ log: TransactionLog<SimulatedDisk>, upTo number: Int) throws -> Int {
        try TransactionLog.purge(
            upTo: numbered(number), tail: log.tail, slots: log.slots, directory: place.path, on: disk)
    }

    @Test(arguments: 1...20)
    func everythingAfterTheZxidStaysReadable(number: Int) throws {
        let log = try write()
        #expect(try purge(log, upTo: number) == min(number / 4, 4))
        let rest = number == 20 ? [] : records(number + 1...20)
        let reader = LogCursor(after: numbered(number), mode: .durable, tail: log.tail, on: disk)
        #expect(try reader.rest() == rest)
        let again = try place.open(after: numbered(number)).log
        #expect(
            try LogCursor(after: numbered(number), mode: .durable, tail: again.tail, on: disk).rest() == rest)
    }

    @Test func theOpenSegmentStays() throws {
        let log = try write()
        #expect(try purge(log, upTo: 20) == 4)
        #expect(try purge(log, upTo: 20) == 0)
        try log.append(21...21)
        let again = try place.open(after: numbered(20)).log
        #expect(
            try LogCursor(after: numbered(20), mode: .durable, tail: again.tail, on: disk).rest()
                == records(21...21))
    }

    @Test func whatWasPurgedStaysAwayWhateverThePowerDoes() throws {
        let log = try write()
        try log.refreshWatermark()
        #expect(try purge(log, upTo: 9) == 2)
        #expect(disk.crashStates().map { $0.paths.sorted() } == [disk.paths.sorted()])
    }

    @Test func whatComesBackAfterAPurgeIsRemovedByTheNextStart() throws {
        let log = try write()
        let first = try place.segmentPaths()[0]
        let bytes = try #require(disk.contents(of: first))
        _ = try purge(log, upTo: 9)
        let file = try disk.create(first, access: .buffered)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        #expect(try place.scan(after: numbered(9)).report.verdict == .clean)
        _ = try place.open(after: numbered(9))
        #expect(disk.contents(of: first) == nil)
    }

    @Test func aStartWithoutTheSnapshotThatAllowedThePurgeIsRefused() throws {
        let log = try write()
        _ = try purge(log, upTo: 9)
        #expect(throws: LogError.purged(wanted: .zero, oldestRetained: numbered(8))) { try place.open() }
    }

    /// A disk that fails is not a full one, and no attempt leaves a file.
    @Test(arguments: [Errno.inputOutput, Errno.noSpace, Errno.quotaExceeded])
    func whyNoSegmentCanBePreparedIsKnown(code: Int32) throws {
        let log = try place.make()
        #expect(log.supply.level.shortage == nil)
        let files = disk.paths
        for operation in [DiskError.Operation.create, .allocate, .write, .sync] {
            disk.setFaults([.fail(operation, nth: 1, code: code)])
            var found: DiskError?
            do throws(DiskError) {
                #expect(try log.supply.prepare() == false)
            } catch {
                found = error
            }
            if code == Errno.inputOutput {
                let error = try #require(found)
                #expect(error.operation == operation)
                #expect(log.supply.level.shortage == .failed(error))
            } else {
                #expect(found == nil)
                #expect(log.supply.level.shortage == .diskFull)
            }
            #expect(log.supply.level.readyCount == 0)
            #expect(disk.paths == files)
        }
        disk.setFaults([])
        #expect(try log.supply.prepare())
        #expect(log.supply.level.shortage == nil)
    }

    /// A name with a number that no store counts to is another's file, and costs no number.
    @Test(arguments: ["seg", "old"])
    func aNameBeyondAllNumbersIsNoSegment(kind: String) throws {
        _ = try write()
        let name = "\(kind)-\(String(repeating: "f", count: 16))-\(String(repeating: "f", count: 16)).zkl"
        _ = try disk.create("log/\(name)", access: .buffered)
        _ = try disk.create("log/prep-ffffffffffffffff.zkl", access: .buffered)
        let log = try place.open().log
        try log.append(21...21)
        #expect(try place.scan().records == records(1...21))
        #expect(disk.contents(of: "log/\(name)") == [])
    }

    @Test func spaceBehindASealedSegmentIsGivenBack() throws {
        let place = LogPlace(disk, segmentByteCount: 1024 * 1024)
        let log = try place.make()
        try log.append(1...1)
        try log.append(2...2) { _ in [UInt8](repeating: 1, count: log.recordByteCountMax) }
        #expect(try log.supply.prepare())
        let paths = try place.segmentPaths()
        #expect(disk.contents(of: paths[0])?.count == 8192 + 4096 + 4096 + 4096)
        #expect(try place.scan().report.verdict == .clean)
        let reader = LogCursor(after: .zero, mode: .durable, tail: log.tail, on: disk)
        #expect(try reader.rest().map(\.zxid) == [numbered(1), numbered(2)])
    }
}
