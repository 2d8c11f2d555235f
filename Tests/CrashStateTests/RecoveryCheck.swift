import Metadata
import Disk
import Identifiers
import Simulation
import Storage
import TransactionLog

/// What every crash state must be after recovery, and is left to do for the crashes of that recovery.
///
/// A state made by crashes alone always opens, and nothing is called damaged: that would be a false alarm.
/// A store that lost a file besides refuses to open, or has everything.
struct RecoveryCheck {
    /// Of so many states one is opened a second time, and one has its files' bytes classified.
    var repeatEvery = 8

    func callAsFunction(_ state: CrashState) throws {
        try recover(state.disk, depth: state.depth, repeating: state.number % repeatEvery == 0)
    }

    /// Recovers what is on a disk and holds it against the disk's markers; leaves markers for what is
    /// promised from here on.
    func recover(_ disk: SimulatedDisk, depth: Int, repeating: Bool) throws {
        try open(disk, seed: UInt64(1000 + depth), goingOn: repeating)
        guard repeating else { return }
        // I10: opening again right away gives the same, and what was appended.
        guard let again = try Self.opened(disk, seed: UInt64(2000 + depth)) else { return }
        _ = try Self.check(again.records, against: Expectation(disk.markers))
        guard case .clean = again.storage.report.log.recovery.verdict else {
            throw Broken(.repeatable, "a recovery left \(again.storage.report.log.recovery.verdict)")
        }
    }

    private func open(_ disk: SimulatedDisk, seed: UInt64, goingOn isGoingOn: Bool) throws {
        try FileBytes.checkPurged(Expectation(disk.markers), on: disk)
        guard let store = try Self.opened(disk, seed: seed) else { return }
        try Self.settleInstallation(store, on: disk)
        let expected = Expectation(disk.markers)
        try FileBytes.checkReplaced(expected, on: disk)
        let count = try Self.check(store.records, against: expected)
        try FileBytes.checkCuts(expected, on: disk)
        // I4: epochs never fall.
        let metadata = store.storage.log.slots.metadata
        guard expected.acceptedEpoch ~= metadata.acceptedEpoch.rawValue,
            expected.currentEpoch ~= metadata.currentEpoch.rawValue
        else { throw Broken(.epochs, "epochs \(metadata.acceptedEpoch), \(metadata.currentEpoch)") }
        Self.promise(expected, count, metadata.acceptedEpoch.rawValue, metadata.currentEpoch.rawValue, disk)
        guard isGoingOn else { return }
        try FileBytes.check(store, on: disk)
        try goOn(store, on: disk)
    }

    /// Finds out whether an installation that a crash interrupted had been decided: the store is the received
    /// snapshot then, and stays it; or else what it was before.
    private static func settleInstallation(_ store: OpenStore, on disk: SimulatedDisk) throws {
        let expected = Expectation(disk.markers)
        guard let installing = expected.installing else { return }
        // The epoch changes with the decision, which tells where both states are the same.
        guard store.storage.log.slots.metadata.currentEpoch.rawValue == expected.currentEpoch.upperBound
        else { return }
        let found = store.records.map { ($0.zxid, $0.bytes) }
        let wanted = installing.map { ($0.zxid, ScriptBytes.of($0)) }
        guard found.elementsEqual(wanted, by: ==) else { return }
        disk.mark(Marker(.installed))
    }

    /// The open store; nil if it rightly refused.
    private static func opened(_ disk: SimulatedDisk, seed: UInt64) throws -> OpenStore? {
        let store: OpenStore
        do {
            store = try OpenStore(on: disk, seed: seed)
        } catch let error as StorageError {
            guard let refusal = Broken(refusal: error) else { throw error }
            if Expectation(disk.markers).hasLostFile { return nil }
            throw refusal
        } catch LogError.damaged(let defect) {
            throw Broken(.acknowledged, "no record can be read at \(defect)")
        }
        // I8: damage that costs nothing is damage all the same.
        let report = store.storage.report
        if let defect = report.log.recovery.harmlessDefects.first {
            throw Broken(.noFalseAlarm, "damage is reported at \(defect)")
        }
        if let failure = report.snapshotFailures.first, !Expectation(disk.markers).mayHaveDamagedSnapshot {
            throw Broken(.noFalseAlarm, "\(failure.path) does not load: \(failure.reason)")
        }
        return store
    }

    /// I1, I2 and I3: exactly the records that were submitted, in order, up to a place where the log may
    /// end; returns how many.
    static func check(_ found: [FoundRecord], against expected: Expectation) throws -> Int {
        guard found.count <= expected.records.count else {
            throw Broken(.submitted, "\(found.count) records, only \(expected.records.count) were submitted")
        }
        for (found, record) in zip(found, expected.records) {
            guard found.zxid == record.zxid else {
                throw Broken(.submitted, "record \(found.zxid) where \(record.zxid) was submitted")
            }
            guard found.bytes == ScriptBytes.of(record) else {
                throw Broken(.submitted, "record \(found.zxid) differs")
            }
        }
        guard expected.allowedCounts.contains(found.count) else {
            throw Broken(
                found.count < expected.acknowledgedCount ? .acknowledged : .submitted,
                "\(found.count) records, acknowledged \(expected.acknowledgedCount), "
                    + "submitted \(expected.records.count), truncating to \(expected.truncating ?? .zero)")
        }
        return found.count
    }

    private static func promise(
        _ expected: Expectation, _ count: Int, _ accepted: Int32, _ current: Int32,
        _ disk: SimulatedDisk
    ) {
        let last = count == 0 ? Zxid.zero : expected.records[count - 1].zxid
        disk.mark(Marker(.recovered, last))
        if expected.acceptedEpoch.count > 1 { disk.mark(Marker(.acceptedEpoch, Int(accepted))) }
        if expected.currentEpoch.count > 1 { disk.mark(Marker(.enteredEpoch, Int(current))) }
    }

    /// A recovered log takes records.
    private func goOn(_ store: OpenStore, on disk: SimulatedDisk) throws {
        let expected = Expectation(disk.markers)
        guard let zxid = expected.lastZxid.next else { return }
        let record = ScriptRecord(zxid: zxid, byteCount: 48, generation: expected.generation)
        disk.mark(.submitted(record))
        var buffer = RecordBuffer()
        buffer.append(zxid: zxid, ScriptBytes.of(record).span.bytes)
        _ = try store.storage.log.commit(buffer, time: 5, committed: zxid)
        disk.mark(Marker(.acknowledged))
    }
}
