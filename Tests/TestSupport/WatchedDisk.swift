import Disk
import Synchronization

/// Passes everything on, adds up the buffers that readers bring, and lets something else happen just before
/// a file is opened, or just after.
package final class WatchedDisk<Base: Disk>: Disk, @unchecked Sendable {
    // Unchecked because of the hooks, which belong to the one test that has the disk.

    private let base: Base
    private let total = Atomic(0)
    /// Called once, before the next file is opened.
    package var beforeOpening: (() throws -> Void)?
    /// Called once, when the next file was opened.
    package var afterOpening: (() throws -> Void)?

    package init(_ base: Base) { self.base = base }

    /// The bytes of all buffers that were to be read into.
    package var bufferByteCount: Int { total.load(ordering: .relaxed) }

    package func open(_ path: String, access: FileAccess) throws(DiskError) -> WatchedFile<Base> {
        try call(&beforeOpening)
        let file = WatchedFile(try base.open(path, access: access), disk: self)
        try call(&afterOpening)
        return file
    }

    private func call(_ hook: inout (() throws -> Void)?) throws(DiskError) {
        let due = hook
        hook = nil
        do {
            try due?()
        } catch {
            throw DiskError(.open, "the hook: \(error)", code: Errno.invalid)
        }
    }

    package func create(_ path: String, access: FileAccess) throws(DiskError) -> WatchedFile<Base> {
        WatchedFile(try base.create(path, access: access), disk: self)
    }

    package func names(in directory: String) throws(DiskError) -> [String] { try base.names(in: directory) }
    package func makeDirectory(_ path: String) throws(DiskError) { try base.makeDirectory(path) }
    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try base.rename(path, to: newPath)
    }
    package func unlink(_ path: String) throws(DiskError) { try base.unlink(path) }

    package func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError) {
        try base.syncDirectory(path, for: rule)
    }

    package func availableByteCount(at path: String) throws(DiskError) -> Int {
        try base.availableByteCount(at: path)
    }

    package func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock {
        try base.lock(path, contents: contents)
    }

    package func observes(_ rule: DurabilityRule) -> Bool { base.observes(rule) }

    fileprivate func count(_ byteCount: Int) { total.add(byteCount, ordering: .relaxed) }
}

package final class WatchedFile<Base: Disk>: DiskFile {
    private let base: Base.File
    private let disk: WatchedDisk<Base>

    fileprivate init(_ base: Base.File, disk: WatchedDisk<Base>) {
        self.base = base
        self.disk = disk
    }

    package var path: String { base.path }

    package func noteRename(to path: String) { base.noteRename(to: path) }

    package func byteCount() throws(DiskError) -> Int { try base.byteCount() }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        disk.count(buffer.count)
        return try base.read(into: buffer, at: offset)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        try base.write(bytes, at: offset)
    }

    package func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError) {
        try base.writeDurably(bytes, at: offset, for: rule)
    }

    package func sync(for rule: DurabilityRule) throws(DiskError) { try base.sync(for: rule) }
    package func allocate(byteCount: Int) throws(DiskError) { try base.allocate(byteCount: byteCount) }
    package func truncate(to byteCount: Int) throws(DiskError) { try base.truncate(to: byteCount) }

    package func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError) {
        try base.writeBack(from: offset, byteCount: byteCount, wait: wait)
    }

    package func dropCache() throws(DiskError) { try base.dropCache() }
}
