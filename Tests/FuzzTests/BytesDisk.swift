import Disk

/// Files that can only be read, out of arrays: as fast as a decoder can be fed.
struct BytesDisk: Disk {
    /// By path.
    let files: [String: [UInt8]]

    /// The bytes of all files.
    var byteCount: Int { files.values.reduce(0) { $0 + $1.count } }

    func names(in directory: String) throws(DiskError) -> [String] {
        files.keys.filter { $0.hasPrefix(directory + "/") }.map {
            String($0.dropFirst(directory.utf8.count + 1))
        }
    }

    func open(_ path: String, access: FileAccess) throws(DiskError) -> BytesFile {
        guard let bytes = files[path] else { throw DiskError(.open, path, code: Errno.noEntry) }
        return BytesFile(path: path, bytes: bytes)
    }

    func makeDirectory(_ path: String) throws(DiskError) { throw DiskError(.makeDirectory, path, code: 30) }
    func create(_ path: String, access: FileAccess) throws(DiskError) -> BytesFile {
        throw DiskError(.create, path, code: 30)
    }
    func rename(_ path: String, to newPath: String) throws(DiskError) {
        throw DiskError(.rename, path, code: 30)
    }
    func unlink(_ path: String) throws(DiskError) { throw DiskError(.unlink, path, code: 30) }
    func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError) {}
    func availableByteCount(at path: String) throws(DiskError) -> Int { 0 }
    func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock {
        throw DiskError(.lock, path, code: 30)
    }
    func observes(_ rule: DurabilityRule) -> Bool { true }
}

final class BytesFile: DiskFile {
    let path: String
    private let bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Nothing is ever renamed here.
    func noteRename(to path: String) {}

    func byteCount() throws(DiskError) -> Int { bytes.count }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int {
        guard offset >= 0 else { throw DiskError(.read, path, code: Errno.invalid) }
        let count = max(0, min(buffer.count, bytes.count - offset))
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        throw DiskError(.write, path, code: 30)
    }
    func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError) { throw DiskError(.write, path, code: 30) }
    func sync(for rule: DurabilityRule) throws(DiskError) {}
    func allocate(byteCount: Int) throws(DiskError) { throw DiskError(.allocate, path, code: 30) }
    func truncate(to byteCount: Int) throws(DiskError) { throw DiskError(.truncate, path, code: 30) }
    func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError) {}
    func dropCache() throws(DiskError) {}
}
