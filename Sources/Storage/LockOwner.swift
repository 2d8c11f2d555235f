import Disk

/// What the holder of a lock file wrote into it.
enum LockOwner {
    private static let byteCountMax = 200

    /// The first line of a lock file, for a message; nil if it does not read or nothing stands there.
    ///
    /// Printable ASCII only: anybody may have written it.
    static func text<D: Disk>(in path: String, on disk: D) -> String? {
        let buffer = AlignedBuffer(byteCount: byteCountMax)
        let count: Int
        do throws(DiskError) {
            count = try disk.open(path, access: .read).read(into: buffer.bytes, at: 0)
        } catch {
            return nil
        }
        let line = buffer.bytes[..<min(count, byteCountMax)].prefix { 0x20...0x7e ~= $0 }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}
