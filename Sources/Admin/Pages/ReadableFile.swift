import Glibc

/// A file that is read from the front to the end it had when it was opened. Its calls block.
final class ReadableFile: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ path: String, _ code: Int32) {
            description = "\(path): \(strerror(code).map { String(cString: $0) } ?? "errno \(code)")"
        }
    }

    let byteCount: Int
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(path, code)
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// At least one byte; throws if there is none any more.
    func read(at offset: Int, atMost count: Int) throws(Failure) -> [UInt8] {
        let wanted = min(count, byteCount - offset)
        var code: Int32 = EIO
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initializedCount in
            let got = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            if got < 0 { code = errno }
            initializedCount = max(got, 0)
        }
        guard !bytes.isEmpty else { throw Failure(path, code) }
        return bytes
    }
}
