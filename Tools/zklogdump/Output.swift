import Glibc

/// Text for standard output, gathered and written in large pieces.
struct Output {
    private var bytes: [UInt8] = []

    mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        if bytes.count >= 64 * 1024 { flush() }
    }

    /// Ends the program, as if by the pipe's signal, when nobody reads any more.
    mutating func flush() {
        Self.write(bytes, to: STDOUT_FILENO)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes a line to standard error, at once.
    static func note(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Says how far a long run has come, if a person is watching.
    static func progress(_ text: String) { if isatty(STDERR_FILENO) == 1 { note(text) } }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { exit(ExitStatus.unreadable.rawValue) }
            start += max(0, count)
        }
    }
}
