import Disk

/// A disk in memory that can lose what was not synced, fail on demand, and break rules on demand.
///
/// It keeps apart what reads see (the page cache) and what a power cut leaves for certain; between
/// the two lie unsynced units of 512 bytes, sizes, and changes of names, any possible subset of which
/// may survive. A recording disk keeps a crash point per call, for `CrashExplorer`.
///
/// Unchecked, because a disk and its files are used by one thread at a time: the simulated run is
/// one thread, and deterministic for that reason.
package final class SimulatedDisk: Disk, @unchecked Sendable {
    /// The rules that this disk breaks: their syncs do nothing.
    package let breaking: Set<DurabilityRule>
    /// The bytes that all files together may have; nil for no limit.
    package var byteCountLimit: Int?
    package private(set) var counts = CallCounts()
    /// Of a recording disk: the rules for which something was synced, or that were asked for.
    package private(set) var rulesMet: Set<DurabilityRule> = []
    /// Virtual time spent in stalls.
    package private(set) var stalledNanoseconds: UInt64 = 0
    /// Markers so far, those of the run before the crash included.
    package private(set) var markers: [Marker] = []

    let store: UnitStore
    var volume: Volume
    private var trace: Trace?
    private var faults = FaultPlan()
    private var locks: [String: WeakLock] = [:]

    package init(
        recording: Bool = false, breaking: Set<DurabilityRule> = [], faults: [FaultRule] = [],
        byteCountLimit: Int? = nil
    ) {
        store = UnitStore()
        volume = Volume()
        trace = recording ? Trace() : nil
        self.breaking = breaking
        self.faults = FaultPlan(faults)
        self.byteCountLimit = byteCountLimit
    }

    /// The disk that a crash of `origin` leaves; it has the same limits and breaks the same rules.
    init(_ volume: Volume, after origin: SimulatedDisk, markers: [Marker], recording: Bool) {
        store = UnitStore(on: origin.store)
        self.volume = volume
        trace = recording ? Trace() : nil
        breaking = origin.breaking
        byteCountLimit = origin.byteCountLimit
        self.markers = markers
    }

    /// Leaves a note for the checkers of later crash states.
    package func mark(_ marker: Marker) { markers.append(marker) }

    /// Replaces the fault rules; their counting begins anew.
    package func setFaults(_ rules: [FaultRule]) { faults = FaultPlan(rules) }

    /// How often each fault rule was met, in the order of the rules.
    package var faultHits: [Int] { faults.hits }

    /// The moments at which a recorded run may have crashed, its end included.
    package var crashPoints: [CrashPoint] {
        (trace?.points ?? []) + [
            CrashPoint(moment: .end, operation: nil, path: "", markers: markers, volume: volume)
        ]
    }

    /// A number that differs between disks of different contents (64 bits), the same in every run.
    package var fingerprint: UInt64 { volume.fingerprint(in: store) }

    package func observes(_ rule: DurabilityRule) -> Bool {
        if trace != nil { rulesMet.insert(rule) }
        return breaking.isEmpty || !breaking.contains(rule)
    }

    /// Counts a call and finds the fault that is due. Calls that change something are crash points.
    func begin(
        _ operation: DiskError.Operation, _ path: String, for rule: DurabilityRule? = nil, changes: Bool
    ) -> FaultRule.Effect? {
        counts.add(operation, for: rule)
        if changes { record(.before, operation, path) }
        guard !faults.rules.isEmpty else { return nil }
        return faults.effect(on: operation, path, rule, stalledNanoseconds: &stalledNanoseconds)
    }

    func record(_ moment: CrashPoint.Moment, _ operation: DiskError.Operation, _ path: String) {
        trace?.record(moment, operation, path, markers, volume)
    }

    /// Throws if `byteCount` more bytes do not fit.
    func checkSpace(
        for byteCount: Int, _ operation: DiskError.Operation, _ path: String
    ) throws(DiskError) {
        guard let limit = byteCountLimit, byteCount > 0 else { return }
        guard volume.usedByteCount + byteCount <= limit else {
            throw DiskError(operation, path, code: Errno.noSpace)
        }
    }
}

// Names and directories.
extension SimulatedDisk {
    package func names(in directory: String) throws(DiskError) -> [String] {
        try failIfDue(begin(.list, directory, changes: false), .list, directory)
        guard let index = volume.directory(directory.normalizedPath) else {
            throw DiskError(.list, directory, code: Errno.noEntry)
        }
        return volume.names(in: index)
    }

    package func makeDirectory(_ path: String) throws(DiskError) {
        let effect = begin(.makeDirectory, path, for: .directoryNameSynced, changes: true)
        try performing(effect, .makeDirectory, path) { () throws(DiskError) in
            addDirectory(path.normalizedPath, durably: effect != .lieAboutSync)
        }
    }

    /// As the kernel's disk does it, step by step.
    private func addDirectory(_ path: String, durably isDurable: Bool) {
        let parent = path.parentAndName.parent
        if volume.directory(path) == nil {
            addDirectory(parent, durably: isDurable)
            volume.makeDirectory(path)
            record(.inside, .makeDirectory, path)
        }
        guard isDurable, observes(.directoryNameSynced), let index = volume.directory(parent) else { return }
        volume.syncEverything(in: index)
    }

    package func create(_ path: String, access: FileAccess) throws(DiskError) -> SimulatedFile {
        let effect = begin(.create, path, changes: true)
        var inode = 0
        try performing(effect, .create, path) { () throws(DiskError) in
            let name = try entryName(path, .create)
            guard volume.inode(name) == nil else { throw DiskError(.create, path, code: Errno.exists) }
            inode = volume.inodes.count
            volume.inodes.append(Inode())
            volume.perform(EntryOperation(added: name, inode: inode))
        }
        return SimulatedFile(path, access, disk: self, inode: inode)
    }

    package func open(_ path: String, access: FileAccess) throws(DiskError) -> SimulatedFile {
        try failIfDue(begin(.open, path, changes: false), .open, path)
        guard let inode = volume.inode(try entryName(path, .open)) else {
            throw DiskError(.open, path, code: Errno.noEntry)
        }
        return SimulatedFile(path, access, disk: self, inode: inode)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        let effect = begin(.rename, path, changes: true)
        try performing(effect, .rename, path) { () throws(DiskError) in
            let old = try entryName(path, .rename)
            let new = try entryName(newPath, .rename)
            guard let inode = volume.inode(old) else {
                throw DiskError(.rename, path, code: Errno.noEntry)
            }
            guard volume.inode(new) == nil else { throw DiskError(.rename, path, code: Errno.exists) }
            volume.perform(EntryOperation(removed: old, added: new, inode: inode))
        }
    }

    package func unlink(_ path: String) throws(DiskError) {
        let effect = begin(.unlink, path, changes: true)
        try performing(effect, .unlink, path) { () throws(DiskError) in
            let name = try entryName(path, .unlink)
            guard let inode = volume.inode(name) else {
                throw DiskError(.unlink, path, code: Errno.noEntry)
            }
            volume.perform(EntryOperation(removed: name, inode: inode))
        }
    }

    package func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError) {
        let effect = begin(.syncDirectory, path, for: rule, changes: true)
        try performing(effect, .syncDirectory, path) { () throws(DiskError) in
            guard let index = volume.directory(path.normalizedPath) else {
                throw DiskError(.syncDirectory, path, code: Errno.noEntry)
            }
            if observes(rule), effect != .lieAboutSync { volume.syncEverything(in: index) }
        }
    }

    package func availableByteCount(at path: String) throws(DiskError) -> Int {
        try failIfDue(begin(.available, path, changes: false), .available, path)
        return byteCountLimit.map { max(0, $0 - volume.usedByteCount) } ?? .max / 2
    }

    /// The lock file is durable at once and empty: nothing depends on it but who holds it, and its
    /// pending states would only double the states of everything else.
    package func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock {
        try failIfDue(begin(.lock, path, changes: false), .lock, path)
        let name = try entryName(path, .lock)
        if let held = locks[path.normalizedPath], held.lock != nil {
            throw DiskError(.lock, path, code: Errno.again)
        }
        if volume.inode(name) == nil {
            volume.addDurably(name, inode: volume.inodes.count)
            volume.inodes.append(Inode())
        }
        let lock = SimulatedLock()
        locks[path.normalizedPath] = WeakLock(lock: lock)
        return lock
    }

    private func entryName(_ path: String, _ operation: DiskError.Operation) throws(DiskError) -> EntryName {
        guard let name = volume.entryName(path) else {
            throw DiskError(operation, path, code: Errno.noEntry)
        }
        return name
    }

    func failIfDue(
        _ effect: FaultRule.Effect?, _ operation: DiskError.Operation, _ path: String
    ) throws(DiskError) {
        if case .fail(let code, _)? = effect { throw DiskError(operation, path, code: code) }
    }

    /// Does an operation unless a fault forbids it; a fault may also come after it is done.
    private func performing(
        _ effect: FaultRule.Effect?, _ operation: DiskError.Operation, _ path: String,
        _ body: () throws(DiskError) -> Void
    ) throws(DiskError) {
        if case .fail(let code, let outcome)? = effect {
            if outcome == .done { try body() }
            throw DiskError(operation, path, code: code)
        }
        try body()
    }
}

/// Held as long as it lives.
private final class SimulatedLock: DirectoryLock {}

private struct WeakLock {
    weak var lock: SimulatedLock?
}
