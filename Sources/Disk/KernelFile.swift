import CDisk
import Synchronization

/// A file of the kernel.
package final class KernelFile: DiskFile {
    private let name: Mutex<String>
    private let descriptor: Int32
    private let syncMode: SyncMode
    private let isPoisoned = Atomic(false)

    init(
        _ operation: DiskError.Operation, _ path: String, _ access: FileAccess, syncMode: SyncMode
    ) throws(DiskError) {
        var how: Int32 = 0
        if operation == .create { how |= Int32(CDISK_CREATE) }
        if access != .read { how |= Int32(CDISK_WRITE) }
        if access == .durable { how |= syncMode.openFlags }
        if access == .direct, syncMode != .bufferedThenSync { how |= Int32(CDISK_DIRECT) }
        let descriptor = cdisk_open(path, how)
        guard descriptor >= 0 else { throw DiskError(operation, path, code: -descriptor) }
        name = Mutex(path)
        self.descriptor = descriptor
        self.syncMode = access == .durable ? syncMode : .bufferedThenSync
    }

    deinit { _ = cdisk_close(descriptor) }

    package var path: String { name.withLock { $0 } }

    package func noteRename(to path: String) { name.withLock { $0 = path } }

    package func byteCount() throws(DiskError) -> Int {
        let size = cdisk_size(descriptor)
        guard size >= 0 else { throw DiskError(.open, path, code: Int32(-size)) }
        return Int(size)
    }

    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(DiskError) -> Int {
        let count = cdisk_read(descriptor, buffer.baseAddress, buffer.count, Int64(offset))
        guard count >= 0 else { throw DiskError(.read, path, code: Int32(-count)) }
        return Int(count)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        try checkHealthy(.write)
        let count = cdisk_write(descriptor, bytes.baseAddress, bytes.count, Int64(offset))
        guard count >= 0 else { throw poison(.write, code: Int32(-count)) }
    }

    package func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError) {
        try write(bytes, at: offset)
        if syncMode != .directDSync { try sync(for: rule) }
    }

    package func sync(for rule: DurabilityRule) throws(DiskError) {
        try checkHealthy(.sync)
        let status = cdisk_sync_data(descriptor)
        guard status == 0 else { throw poison(.sync, code: -status) }
    }

    package func allocate(byteCount: Int) throws(DiskError) {
        let status = cdisk_allocate(descriptor, Int64(byteCount))
        if status == 0 { return }
        guard [Errno.notSupported, Errno.notImplemented].contains(-status) else {
            throw DiskError(.allocate, path, code: -status)
        }
        try writeZeroes(to: byteCount)
    }

    /// Lengthens the file by writing zeroes, which takes the space where a file system cannot reserve it.
    private func writeZeroes(to byteCount: Int) throws(DiskError) {
        let zeroes = AlignedBuffer(byteCount: Self.zeroesByteCount)
        var offset = try self.byteCount()
        while offset < byteCount {
            let count = min(zeroes.byteCount, byteCount - offset)
            let written = cdisk_write(descriptor, zeroes.bytes.baseAddress, count, Int64(offset))
            guard written >= 0 else { throw DiskError(.allocate, path, code: Int32(-written)) }
            offset += count
        }
    }

    /// What is written at a time where space cannot be reserved.
    private static let zeroesByteCount = 256 * 1024

    package func truncate(to byteCount: Int) throws(DiskError) {
        let status = cdisk_truncate(descriptor, Int64(byteCount))
        guard status == 0 else { throw DiskError(.truncate, path, code: -status) }
    }

    package func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError) {
        let status = cdisk_write_back(descriptor, Int64(offset), Int64(byteCount), wait ? 1 : 0)
        guard status == 0 else { throw poison(.write, code: -status) }
    }

    package func dropCache() throws(DiskError) {
        let status = cdisk_drop_cache(descriptor)
        guard status == 0 else { throw DiskError(.read, path, code: -status) }
    }

    private func checkHealthy(_ operation: DiskError.Operation) throws(DiskError) {
        if isPoisoned.load(ordering: .relaxed) { throw DiskError(operation, path, code: 0) }
    }

    private func poison(_ operation: DiskError.Operation, code: Int32) -> DiskError {
        isPoisoned.store(true, ordering: .relaxed)
        return DiskError(operation, path, code: code)
    }
}
