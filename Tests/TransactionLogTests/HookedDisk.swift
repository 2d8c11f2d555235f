import Disk
import Simulation

/// A simulated disk on which something else happens just before a file is opened.
final class HookedDisk: Disk, @unchecked Sendable {
    // Unchecked for the reason given at SimulatedDisk.

    private let base: SimulatedDisk
    /// Called once, before the next file is opened.
    var beforeOpening: (() throws -> Void)?

    init(_ base: SimulatedDisk) { self.base = base }

    func open(_ path: String, access: FileAccess) throws(DiskError) -> SimulatedFile {
        let hook = beforeOpening
        beforeOpening = nil
        do {
            try hook?()
        } catch {
            throw DiskError(.open, "the hook: \(error)", code: Errno.invalid)
        }
        return try base.open(path, access: access)
    }

    func names(in directory: String) throws(DiskError) -> [String] { try base.names(in: directory) }
    func makeDirectory(_ path: String) throws(DiskError) { try base.makeDirectory(path) }
    func create(_ path: String, access: FileAccess) throws(DiskError) -> SimulatedFile {
        try base.create(path, access: access)
    }
    func rename(_ path: String, to newPath: String) throws(DiskError) {
        try base.rename(path, to: newPath)
    }
    func unlink(_ path: String) throws(DiskError) { try base.unlink(path) }
    func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError) {
        try base.syncDirectory(path, for: rule)
    }
    func availableByteCount(at path: String) throws(DiskError) -> Int {
        try base.availableByteCount(at: path)
    }
    func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock {
        try base.lock(path, contents: contents)
    }
    func observes(_ rule: DurabilityRule) -> Bool { base.observes(rule) }
}
