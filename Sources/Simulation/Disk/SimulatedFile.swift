import Disk

/// An open file of a `SimulatedDisk`. Stays usable after its name went away, as in the kernel.
package final class SimulatedFile: DiskFile, @unchecked Sendable {
    // Unchecked for the reason given at SimulatedDisk.

    package private(set) var path: String
    private let access: FileAccess
    private let disk: SimulatedDisk
    private let inode: Int
    private var isPoisoned = false

    init(_ path: String, _ access: FileAccess, disk: SimulatedDisk, inode: Int) {
        self.path = path
        self.access = access
        self.disk = disk
        self.inode = inode
    }

    package func noteRename(to path: String) { self.path = path }

    package func byteCount() throws(DiskError) -> Int { disk.volume.inodes[inode].cached.byteCount }

    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        try disk.failIfDue(disk.begin(.read, path, changes: false), .read, path)
        guard offset >= 0 else { throw DiskError(.read, path, code: Errno.invalid) }
        if !disk.volume.inodes[inode].unreadable.isEmpty {
            let units = FileImage.unitIndices(offset: offset, byteCount: buffer.count)
            guard disk.volume.inodes[inode].unreadable.isDisjoint(with: units) else {
                throw DiskError(.read, path, code: Errno.inputOutput)
            }
        }
        return disk.volume.inodes[inode].cached.read(into: buffer, at: offset, from: disk.store)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        try write(bytes, at: offset, for: nil)
    }

    package func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError) {
        try write(bytes, at: offset, for: rule)
    }

    package func sync(for rule: DurabilityRule) throws(DiskError) {
        try checkHealthy(.sync)
        let effect = disk.begin(.sync, path, for: rule, changes: true)
        let store = disk.store
        if case .fail(let code, let outcome)? = effect {
            switch outcome {
            case .nothing: break
            case .done: disk.volume.inodes[inode].sync(in: store)
            case .dropped: disk.volume.inodes[inode].dropPendingUnits(in: store)
            case .kept: disk.volume.inodes[inode].abandonPendingUnits()
            case .partly(let seed):
                var random = SeededRandom(seed: seed)
                disk.volume.inodes[inode].syncPartly(&random, in: store)
            }
            throw poison(.sync, code: code)
        }
        if disk.observes(rule), effect != .lieAboutSync { disk.volume.inodes[inode].sync(in: store) }
    }

    package func allocate(byteCount: Int) throws(DiskError) {
        try resize(.allocate, to: max(byteCount, disk.volume.inodes[inode].cached.byteCount))
    }

    package func truncate(to byteCount: Int) throws(DiskError) { try resize(.truncate, to: byteCount) }

    /// Changes nothing here: written data may be on the disk or not until it is synced.
    package func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError) {
        let effect = disk.begin(.write, path, changes: false)
        if case .fail(let code, _)? = effect { throw poison(.write, code: code) }
    }

    package func dropCache() throws(DiskError) {
        try disk.failIfDue(disk.begin(.read, path, changes: false), .read, path)
        disk.volume.inodes[inode].dropCache(in: disk.store)
    }

    private func resize(_ operation: DiskError.Operation, to byteCount: Int) throws(DiskError) {
        let effect = disk.begin(operation, path, changes: true)
        var outcome = FailureOutcome.done
        if case .fail(_, let failed)? = effect { outcome = failed }
        if outcome == .done {
            guard byteCount >= 0, access != .read else {
                throw DiskError(operation, path, code: Errno.invalid)
            }
            let growth = byteCount - disk.volume.inodes[inode].cached.byteCount
            try disk.checkSpace(for: growth, operation, path)
            disk.volume.resize(inode, to: byteCount, in: disk.store)
        }
        try disk.failIfDue(effect, operation, path)
    }

    private func checkHealthy(_ operation: DiskError.Operation) throws(DiskError) {
        if isPoisoned { throw DiskError(operation, path, code: 0) }
    }

    private func poison(_ operation: DiskError.Operation, code: Int32) -> DiskError {
        isPoisoned = true
        return DiskError(operation, path, code: code)
    }
}

// Writing.
extension SimulatedFile {
    /// - Parameter rule: for a durable write, the rule for which it is made.
    private func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule?
    ) throws(DiskError) {
        try checkHealthy(.write)
        guard isAligned(bytes, at: offset) else { throw DiskError(.write, path, code: Errno.invalid) }
        let effect = disk.begin(.write, path, for: rule, changes: true)
        guard offset >= 0, access != .read else { throw poison(.write, code: Errno.invalid) }
        switch effect {
        case .fail(let code, let outcome)?:
            try writeFailing(bytes, at: offset, for: rule, outcome)
            throw poison(.write, code: code)
        case .lose?:
            if rule == nil {
                disk.volume.inodes[inode].writeToCacheOnly(bytes, at: offset, in: disk.store)
            }
        case .misdirect(let suffix, let distance)?:
            disk.misdirect(bytes, toPathSuffix: suffix, from: inode, at: max(0, offset + distance))
        case .lieAboutSync?:
            try writeFully(bytes, at: offset, for: nil)
        case .stall?, nil:
            try writeFully(bytes, at: offset, for: rule)
        }
    }

    private func isAligned(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard access == .durable || access == .direct else { return true }
        let alignment = AlignedBuffer.alignment
        return offset % alignment == 0 && bytes.count % alignment == 0
            && UInt(bitPattern: bytes.baseAddress) % UInt(alignment) == 0
    }

    private func writeFully(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule?
    ) throws(DiskError) {
        let end = offset + bytes.count
        do throws(DiskError) {
            try disk.checkSpace(for: end - disk.volume.inodes[inode].cached.byteCount, .write, path)
        } catch {
            throw poison(.write, code: error.code)
        }
        disk.volume.write(bytes, to: inode, at: offset, in: disk.store)
        guard let rule else { return }
        disk.record(.inside, .write, path)
        guard disk.observes(rule) else { return }
        let units = FileImage.unitIndices(offset: offset, byteCount: bytes.count)
        disk.volume.inodes[inode].sync(units: units, end: end, in: disk.store)
    }

    /// Does what a failing write does all the same.
    private func writeFailing(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule?, _ outcome: FailureOutcome
    ) throws(DiskError) {
        switch outcome {
        case .nothing, .dropped: break
        case .done: try writeFully(bytes, at: offset, for: rule)
        case .kept: disk.volume.inodes[inode].writeToCacheOnly(bytes, at: offset, in: disk.store)
        case .partly(let seed):
            var random = SeededRandom(seed: seed)
            for index in FileImage.unitIndices(offset: offset, byteCount: bytes.count)
            where random.oneIn(2) {
                let start = max(offset, index * UnitStore.unitByteCount)
                let end = min(offset + bytes.count, (index + 1) * UnitStore.unitByteCount)
                let unit = UnsafeRawBufferPointer(rebasing: bytes[start - offset..<end - offset])
                try writeFully(unit, at: start, for: rule)
            }
        }
    }
}
