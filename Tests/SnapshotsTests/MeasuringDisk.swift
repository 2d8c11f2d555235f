import Disk
import Synchronization

/// Passes everything on and adds up the buffers that readers bring.
final class MeasuringDisk<Base: Disk>: Disk {
    private let base: Base
    private let total = Atomic(0)

    init(_ base: Base) { self.base = base }

    /// The bytes of all buffers that were to be read into.
    var bufferByteCount: Int { total.load(ordering: .relaxed) }

    func open(_ path: String, access: FileAccess) throws(DiskError) -> MeasuringFile<Base> {
        MeasuringFile(try base.open(path, access: access), disk: self)
    }

    func create(_ path: String, access: FileAccess) throws(DiskError) -> MeasuringFile<Base> {
        MeasuringFile(try base.create(path, access: access), disk: self)
    }

    func names(in directory: String) throws(DiskError) -> [String] { try base.names(in: directory) }
    func makeDirectory(_ path: String) throws(DiskError) { try base.makeDirectory(path) }
    func rename(_ path: String, to newPath: String) throws(DiskError) { try base.rename(path, to: newPath) }
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

    fileprivate func count(_ byteCount: Int) { total.add(byteCount, ordering: .relaxed) }
}

final class MeasuringFile<Base: Disk>: DiskFile {
    private let base: Base.File
    private let disk: MeasuringDisk<Base>

    init(_ base: Base.File, disk: MeasuringDisk<Base>) {
        self.base = base
        self.disk = disk
    }

    var path: String { base.path }

    func byteCount() throws(DiskError) -> Int { try base.byteCount() }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        disk.count(buffer.count)
        return try base.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        try base.write(bytes, at: offset)
    }

    func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError) {
        try base.writeDurably(bytes, at: offset, for: rule)
    }

    func sync(for rule: DurabilityRule) throws(DiskError) { try base.sync(for: rule) }
    func allocate(byteCount: Int) throws(DiskError) { try base.allocate(byteCount: byteCount) }
    func truncate(to byteCount: Int) throws(DiskError) { try base.truncate(to: byteCount) }

    func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError) {
        try base.writeBack(from: offset, byteCount: byteCount, wait: wait)
    }

    func dropCache() throws(DiskError) { try base.dropCache() }
}
