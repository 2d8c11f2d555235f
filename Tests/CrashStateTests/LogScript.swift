import Metadata
import Disk
import Identifiers
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// A named run of a store, for the explorer.
struct LogScript: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: @Sendable (ScriptRun) throws -> Void

    init(_ name: String, _ steps: @escaping @Sendable (ScriptRun) throws -> Void) {
        self.name = name
        self.steps = steps
    }

    var testDescription: String { name }

    /// Runs the script once; each of the disks holds the trace of one life of the process.
    func record() throws -> [SimulatedDisk] {
        let run = ScriptRun(SimulatedDisk(recording: true))
        try steps(run)
        return run.earlierDisks + [run.disk]
    }

    /// The same with a broken rule. If that keeps the script from going on, only what it did until then.
    func record(breaking rule: DurabilityRule) -> [SimulatedDisk] {
        let run = ScriptRun(SimulatedDisk(recording: true, breaking: [rule]))
        do {
            try steps(run)
        } catch {
            // It proves nothing: a crash of what was done has to break a promise.
        }
        return run.earlierDisks + [run.disk]
    }
}

/// A store as a script uses it: does a step, and leaves a marker when it was promised.
final class ScriptRun {
    private(set) var disk: SimulatedDisk
    /// What the run used before it crashed, with what was recorded until then.
    private(set) var earlierDisks: [SimulatedDisk] = []
    private(set) var store: OpenStore?
    var epoch: Int32 = 1
    var seed: UInt64 = 0
    private var time: Int64 = 100

    init(_ disk: SimulatedDisk) { self.disk = disk }

    var expected: Expectation { Expectation(disk.markers) }

    func log() throws -> TransactionLog<SimulatedDisk> {
        guard let store else { throw Broken("the script's store is not open") }
        return store.storage.log
    }

    // MARK: Opening and stopping

    /// Opens the store and checks what it holds; what it shows is promised from here on.
    func open() throws {
        store = nil
        seed += 1
        let opened = try OpenStore(on: disk, seed: seed, time: now())
        let expected = expected
        let count = try RecoveryCheck.check(opened.records, against: expected)
        disk.mark(Marker(.recovered, count == 0 ? .zero : expected.records[count - 1].zxid))
        store = opened
    }

    /// Stops in good order.
    func close() throws {
        try log().close(time: now(), committed: expected.lastZxid)
        store = nil
    }

    /// The process that has the store open ends, and another one begins.
    func endProcess() {
        store = nil
        seed += 1
    }

    /// The process ends without a word; what it wrote is in the page cache.
    func crashProcess() {
        store = nil
        earlierDisks.append(disk)
        disk = disk.processCrash(recording: true)
    }

    /// The power goes; of the states that it can leave, the one at a place is what the next start finds.
    func cutPower(choosing place: Int) throws {
        store = nil
        let states = disk.crashStates(limit: place + 1)
        guard let state = states.last else { throw Broken("no crash state") }
        earlierDisks.append(disk)
        disk = state.processCrash(recording: true)
    }

    // MARK: Records

    private func now() -> Int64 {
        time += 1
        return time
    }

    /// The next record of the run's epoch; marked as submitted.
    private func submit(_ byteCount: Int) throws -> ScriptRecord {
        let last = expected.lastZxid
        let first = Zxid(epoch: Epoch(rawValue: epoch), counter: 1)
        guard let zxid = last < first ? first : last.next else { throw Broken("no zxid is left") }
        let record = ScriptRecord(zxid: zxid, byteCount: byteCount, generation: expected.generation)
        disk.mark(.submitted(record))
        return record
    }

    /// One batch of records of the given lengths, acknowledged when the log has it.
    func append(_ byteCounts: Int...) throws {
        try hand(byteCounts)
        disk.mark(Marker(.acknowledged))
    }

    /// A batch whose answer nobody sees.
    func submit(_ byteCounts: Int...) throws { try hand(byteCounts) }

    private func hand(_ byteCounts: [Int]) throws {
        var buffer = RecordBuffer()
        for byteCount in byteCounts {
            let record = try submit(byteCount)
            buffer.append(zxid: record.zxid, ScriptBytes.of(record).span.bytes)
        }
        let committed = expected.acknowledged.last?.zxid ?? .zero
        do {
            _ = try log().commit(buffer, time: now(), committed: committed)
        } catch {
            // These promise that nothing was written.
            if [.poisoned, .noSpace].contains(error as? LogError) {
                disk.mark(Marker(.withdrawn, byteCounts.count))
            }
            throw error
        }
    }

    func promise() throws {
        try log().writeIdlePromise(time: now(), committed: expected.lastZxid)
    }

    func refreshWatermark() throws { try log().refreshWatermark() }

    @discardableResult
    func prepare() throws -> Bool { try log().supply.prepare() }

    /// Appends records of 40 bytes until another segment is open.
    func roll() throws {
        let segment = try log().end.segment
        while try log().end.segment == segment { try append(40) }
    }

    /// The newest segment is lost with its name, which no crash does.
    func loseNewestSegment() throws {
        store = nil
        disk.mark(Marker(.lostFile))
        guard let newest = disk.paths.last(where: { $0.contains("/seg-") }) else {
            throw Broken("there is no segment")
        }
        disk.apply(.remove(path: newest))
    }

    /// The newest snapshot rots, and the next start sets it aside.
    func openBesideDamagedSnapshot() throws {
        store = nil
        disk.mark(Marker(.damagedSnapshot))
        guard let newest = disk.paths.last(where: { $0.contains("/snap-") }) else {
            throw Broken("there is no snapshot")
        }
        disk.apply(.flipBit(path: newest, offset: 4150, bit: 2))
        try open()
        guard store?.storage.report.snapshotFailures.first?.quarantinedAs != nil else {
            throw Broken("\(newest) was not set aside")
        }
        disk.mark(Marker(.setAside))
    }

    // MARK: Epochs

    func accept(epoch: Int32) throws {
        disk.mark(Marker(.acceptingEpoch, Int(epoch)))
        try log().slots.commit { $0.acceptedEpoch = Epoch(rawValue: epoch) }
        disk.mark(Marker(.acceptedEpoch, Int(epoch)))
    }

    func enter(epoch: Int32) throws {
        disk.mark(Marker(.enteringEpoch, Int(epoch)))
        try log().slots.commit { $0.currentEpoch = Epoch(rawValue: epoch) }
        disk.mark(Marker(.enteredEpoch, Int(epoch)))
        self.epoch = epoch
    }

    // MARK: Truncation

    /// The zxid of the n-th record, counted from 1; 0 is before all.
    func zxid(_ number: Int) -> Zxid { number == 0 ? .zero : expected.records[number - 1].zxid }

    /// Ends the process and truncates as the next one does.
    func truncate(toRecord number: Int) throws {
        store = nil
        seed += 1
        let zxid = zxid(number)
        disk.mark(Marker(.truncating, zxid))
        try Storage.truncate(OpenStore.configuration(seed: seed), lastKept: zxid, on: disk)
        disk.mark(Marker(.truncated, zxid))
    }

    // MARK: Snapshots

    /// Writes, verifies and registers a snapshot of everything acknowledged; the last `tail` records
    /// follow the image as if they had been committed meanwhile.
    @discardableResult
    func snapshot(tail: Int = 0) throws -> Int {
        let written = try writeSnapshot(tail: tail)
        return try register(written)
    }

    func writeSnapshot(tail: Int = 0) throws -> WrittenSnapshot {
        guard let store else { throw Broken("the script's store is not open") }
        let records = expected.acknowledged
        return try ScriptSnapshot.write(records.dropLast(tail), tail: records.suffix(tail), of: store.storage)
    }

    /// Verifies and registers; returns how many segments were purged.
    func register(_ written: WrittenSnapshot) throws -> Int {
        guard let storage = store?.storage else { throw Broken("the script's store is not open") }
        let verified = try storage.snapshots.open(written.name.fileName).verify()
        disk.mark(Marker(.purging))
        let count = try storage.retention.register(verified).segmentCount
        if count > 0 { disk.mark(Marker(.purged, Int(storage.log.slots.metadata.firstNeededSegment))) }
        return count
    }

    /// Begins a snapshot and never ends it.
    func abandonSnapshot() throws {
        guard let store else { throw Broken("the script's store is not open") }
        _ = try ScriptSnapshot.begin(expected.acknowledged, of: store.storage)
    }

    func abortSnapshot() throws {
        guard let store else { throw Broken("the script's store is not open") }
        let writer = try ScriptSnapshot.begin(expected.acknowledged, of: store.storage)
        try writer.abort()
    }
}
