import Disk
import Identifiers
import Metadata

/// Keeps the bytes of a torn batch aside, for someone who wants to look. They were never acknowledged.
struct CutBytes<D: Disk> {
    /// At most this much is kept of one cut.
    static var byteCountMax: Int { 1024 * 1024 }
    static var folder: String { "lost+cut" }

    private let directory: String
    private let disk: D

    init(_ directory: String, on disk: D) {
        self.directory = directory
        self.disk = disk
    }

    /// Copies what stands behind `end` to `lost+cut/cut-<segment>-<offset>` and returns its path.
    func keep(_ defect: LogDefect, end: LogPosition) throws(DiskError) -> String {
        let folder = "\(directory)/\(Self.folder)"
        let name = "cut-\(end.segment)-\(end.byteOffset)"
        let path = "\(folder)/\(name)"
        try disk.makeDirectory(folder)
        // An earlier start was interrupted here; the log has not been written since.
        if try disk.contains(name, in: folder) { try disk.unlink(path) }
        let source = try disk.open(defect.path, access: .read)
        let byteCount = min(Self.byteCountMax, max(0, try source.byteCount() - Int(end.byteOffset)))
        let bytes = AlignedBuffer(byteCount: byteCount)
        let count = try source.read(
            into: UnsafeMutableRawBufferPointer(rebasing: bytes.bytes[0..<byteCount]), at: Int(end.byteOffset)
        )
        var used = count
        while used > 0, bytes.bytes[used - 1] == 0 { used -= 1 }
        let target = try disk.create(path, access: .buffered)
        try target.write(UnsafeRawBufferPointer(rebasing: bytes.bytes[0..<used]), at: 0)
        try target.sync(for: .cutBytesSynced)
        try disk.syncDirectory(folder, for: .cutNameSynced)
        return path
    }
}
