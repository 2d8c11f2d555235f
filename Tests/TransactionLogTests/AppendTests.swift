import Disk
import Identifiers
import Metadata
import Simulation
import Testing
import TransactionLog

/// What is appended comes back, whatever its size, contents or time.
@Suite struct AppendTests {
    private let disk = SimulatedDisk()

    private func noise(_ byteCount: Int, seed: UInt64 = 5) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return (0..<byteCount).map { _ in UInt8.random(in: 1...255, using: &random) }
    }

    private func reopen(_ place: LogPlace<SimulatedDisk>) throws -> [Record] {
        let log = try place.open().log
        return try LogCursor(after: .zero, mode: .durable, tail: log.tail, on: place.disk).rest()
    }

    /// Offsets of the blocks of a file's used part that are all zero.
    private func zeroBlocks(of path: String, upTo end: LogPosition) throws -> [Int] {
        let bytes = try #require(disk.contents(of: path))
        return stride(from: 0, to: Int(end.byteOffset), by: 4096).filter { start in
            bytes[start..<start + 4096].allSatisfy { $0 == 0 }
        }
    }

    @Test func recordsComeBackInOrderAfterAnyNumberOfRolls() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        for number in 1...40 { try log.append(number...number) }
        #expect(try place.segmentPaths().count == 10)
        #expect(log.tail.statistics.rollCount == 9)
        #expect(try reopen(place) == records(1...40))
    }

    /// The server's loop frames records in several buffers, the log thread joins them; either may have
    /// computed the checksum.
    @Test(arguments: 0..<8)
    func buffersAreJoinedWhoeverComputedTheirChecksums(computed: Int) throws {
        let place = LogPlace(disk)
        let log = try place.make()
        var gathered = RecordBuffer()
        for piece in 0..<3 {
            var buffer = RecordBuffer()
            for number in 4 * piece + 1...4 * piece + 3 {
                buffer.append(zxid: numbered(number), Record(number).bytes.span.bytes)
            }
            if computed >> piece & 1 == 1 { buffer.computeChecksum() }
            buffer.append(zxid: numbered(4 * piece + 4), Record(4 * piece + 4).bytes.span.bytes)
            if computed >> piece & 1 == 1 { buffer.computeChecksum() }
            gathered.append(buffer)
        }
        _ = try log.commit(gathered, time: 0, committed: .zero)
        #expect(try reopen(place) == records(1...12))
    }

    @Test func aRecordMayBeEmpty() throws {
        let place = LogPlace(disk)
        try place.make().append(1...3) { _ in [] }
        #expect(try reopen(place) == (1...3).map { Record(numbered($0), []) })
    }

    @Test func epochsFollowEachOther() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        try log.append(1...2)
        var buffer = RecordBuffer()
        let next = Zxid(epoch: Epoch(rawValue: 2), counter: 1)
        buffer.append(zxid: next, Record(3).bytes.span.bytes)
        _ = try log.commit(buffer, time: 0, committed: .zero)
        #expect(try reopen(place) == records(1...2) + [Record(next, Record(3).bytes)])
    }

    /// The counter of an epoch was used up: the next one begins by itself.
    @Test func theSlotsNameAnEpochBeforeItsFirstRecordStands() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        try log.append(1...2)
        try log.slots.commit { $0.acceptedEpoch = Epoch(rawValue: 5) }
        try log.enter(Epoch(rawValue: 2))
        // Durable, and the record is not there yet.
        for state in disk.crashStates() {
            let metadata = try MetadataSlots.read(in: place.path, on: state)
            #expect(metadata.currentEpoch == Epoch(rawValue: 2))
            #expect(metadata.acceptedEpoch == Epoch(rawValue: 5))
        }
        try log.enter(Epoch(rawValue: 1))
        #expect(log.slots.metadata.currentEpoch == Epoch(rawValue: 2), "it never falls")
        try log.enter(Epoch(rawValue: 6))
        #expect(log.slots.metadata.acceptedEpoch == Epoch(rawValue: 6), "it is never below the current one")
        #expect(try reopen(place) == records(1...2))
    }

    @Test func aPoisonedLogEntersNoEpoch() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        disk.setFaults([.fail(.write, nth: 1, for: .batchSynced)])
        #expect(throws: LogError.self) { try log.append(1...1) }
        disk.setFaults([])
        #expect(throws: LogError.poisoned) { try log.enter(Epoch(rawValue: 2)) }
        #expect(try MetadataSlots.read(in: place.path, on: disk).currentEpoch == Epoch(rawValue: 0))
    }

    /// It was opened as `prep-...`; an operator finds it as `seg-...`.
    @Test func anErrorNamesTheSegmentAsItIsCalledNow() throws {
        for appendCount in [0, 6] {
            let place = LogPlace(SimulatedDisk())
            let log = try place.make()
            for number in 0..<appendCount { try log.append(number + 1...number + 1) }
            place.disk.setFaults([.fail(.write, nth: 1, for: .batchSynced)])
            let path = try #require(try place.segmentPaths().last)
            #expect(throws: LogError.disk(DiskError(.write, path, code: Errno.inputOutput))) {
                try log.append(90...90)
            }
        }
    }

    @Test func textsAreCompressedIfThatSavesABlock() throws {
        let place = LogPlace(disk, segmentByteCount: 1024 * 1024)
        let log = try place.make()
        let text = [UInt8](repeating: 0x61, count: 10_000)
        let batch = try log.append(1...1) { _ in text }
        #expect(batch.storedByteCount == 4096)
        #expect(try log.append(2...2) { _ in noise(10_000) }.storedByteCount == 12_288)
        #expect(try reopen(place) == [Record(numbered(1), text), Record(numbered(2), noise(10_000))])
    }

    @Test(arguments: [4096, 8192, 65_536, 200_000])
    func noBlockOfARecordOfZeroesIsZero(byteCount: Int) throws {
        let place = LogPlace(disk, segmentByteCount: 1024 * 1024)
        let log = try place.make()
        let zeroes = [UInt8](repeating: 0, count: byteCount)
        try log.append(1...1) { _ in zeroes }
        try log.append(2...3) { $0 == 2 ? noise(30_000) : zeroes }
        let path = try #require(try place.segmentPaths().first)
        #expect(try zeroBlocks(of: path, upTo: log.end).isEmpty)
        #expect(try reopen(place).map(\.bytes) == [zeroes, noise(30_000), zeroes])
    }

    /// Payload lengths around the place where the trailer needs a block of its own: the block before it
    /// may be zero up to the payload's end and then hold what the buffer held before.
    @Test(arguments: 4070...4100)
    func noBlockIsZeroThroughItsPaddingAlone(remainder: Int) throws {
        let place = LogPlace(disk, segmentByteCount: 1024 * 1024)
        let log = try place.make()
        let byteCount = 6 * 4096 + remainder - 128 - 12
        let record = noise(byteCount - 4096 - 100) + [UInt8](repeating: 0, count: 4096 + 100)
        // Fills the buffer with something else; what cannot be compressed is soon stored as it is.
        for number in 1...9 { try log.append(number...number) { _ in noise(byteCount + 300) } }
        try log.append(10...10) { _ in record }
        let path = try #require(try place.segmentPaths().first)
        #expect(try zeroBlocks(of: path, upTo: log.end).isEmpty)
        #expect(try reopen(place).last == Record(numbered(10), record))
    }

    @Test func aRecordOfTheGreatestLengthFitsAndALongerOneIsRefused() throws {
        let place = LogPlace(disk, segmentByteCount: 256 * 1024)
        let log = try place.make()
        let longest = noise(log.recordByteCountMax)
        let end = log.end
        #expect(
            throws: LogError.recordTooLong(byteCount: longest.count + 13, limit: log.recordByteCountMax)
        ) {
            try log.append(1...1) { _ in longest + [1] }
        }
        #expect(log.end == end)
        try log.append(1...1) { _ in longest }
        try log.append(2...2) { _ in longest }
        try log.append(3...3)
        #expect(try reopen(place) == [Record(numbered(1), longest), Record(numbered(2), longest), Record(3)])
    }

    /// Such a record can only be stored compressed, which makes it longer.
    @Test func aLongRecordThatGrowsByCompressionStaysInItsSegment() throws {
        let place = LogPlace(disk, segmentByteCount: 4 * 1024 * 1024)
        let log = try place.make()
        let record = noise(log.recordByteCountMax - 3 * 4096) + [UInt8](repeating: 0, count: 3 * 4096)
        for number in 1...2 { try log.append(number...number) { _ in record } }
        try log.append(3...3)
        for path in try place.segmentPaths() {
            #expect(disk.contents(of: path)?.count == 4 * 1024 * 1024)
        }
        #expect(try place.scan().report.verdict == .clean)
        #expect(try reopen(place).map(\.bytes.count) == [record.count, record.count, 8])
    }

    @Test func theLongestRecordOfAllHasSixteenMebibytes() throws {
        let place = LogPlace(disk, segmentByteCount: 20 * 1024 * 1024)
        let log = try place.make()
        #expect(log.recordByteCountMax == 16 * 1024 * 1024)
        let record = [UInt8](repeating: 7, count: 16 * 1024 * 1024)
        try log.append(1...1) { _ in record }
        #expect(throws: LogError.self) { try log.append(2...2) { _ in record + [7] } }
        #expect(try reopen(place) == [Record(numbered(1), record)])
    }

    @Test func anIdlePromiseIsWrittenOnceAndReadersDoNotSeeIt() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        try log.promise()
        #expect(log.tail.statistics.idlePromiseCount == 0, "nothing was written yet")
        try log.append(1...1)
        #expect(log.owesPromise)
        try log.promise()
        try log.promise()
        #expect(!log.owesPromise)
        #expect(log.tail.statistics.idlePromiseCount == 1)
        try log.append(2...2)
        #expect(try reopen(place) == records(1...2))
    }

    @Test func aClockThatStepsBackIsNotWritten() throws {
        let place = LogPlace(disk)
        let start = LogPlace<SimulatedDisk>.time
        let log = try place.make()
        for (number, time) in zip(1...9, [0, 5000, 100, 4000, -7000, 6000, 1, 2, 3]) {
            try log.append(number...number, time: start + Int64(time))
        }
        let again = try place.open(time: start - 90_000).log
        try again.append(10...10, time: start - 90_000)
        try place.truncate(lastKept: numbered(9))
        try place.open(time: start - 80_000).log.append(10...10, time: start - 80_000)
        let metadata = try MetadataSlots.read(in: place.path, on: disk)
        var times: [Int64] = []
        let report = try LogRecovery(place.path, metadata: metadata, on: disk).scan(after: .zero) {
            header, _ in
            times.append(header.time)
        }
        #expect(times == times.sorted())
        #expect(times.last == start + 6000)
        let creationTimes = report.segments.map(\.header.creationTime)
        #expect(creationTimes == creationTimes.sorted())
    }

    @Test func aPoisonedLogDoesNotSayThatItStoppedInGoodOrder() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        for number in 1...3 { try log.append(number...number) }
        disk.setFaults([.fail(.write, nth: 1, for: .batchSynced, code: Errno.inputOutput)])
        #expect(throws: LogError.self) { try log.append(4...4) }
        #expect(throws: LogError.poisoned) { try log.append(4...4) }
        #expect(throws: LogError.poisoned) {
            try log.close(time: LogPlace<SimulatedDisk>.time, committed: .zero)
        }
        #expect(try !MetadataSlots.read(in: place.path, on: disk).isCleanStop)
    }

    @Test func aCleanStopIsNotedAndTakenBackByTheNextStart() throws {
        let place = LogPlace(disk)
        let log = try place.make()
        try log.append(1...1)
        try log.close(time: LogPlace<SimulatedDisk>.time, committed: .zero)
        #expect(try MetadataSlots.read(in: place.path, on: disk).isCleanStop)
        #expect(throws: LogError.poisoned) { try log.append(2...2) }
        let next = try place.open().log
        #expect(try !MetadataSlots.read(in: place.path, on: disk).isCleanStop)
        try next.append(2...2)
        #expect(try reopen(place) == records(1...2))
    }
}
