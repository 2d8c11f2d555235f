import Glibc

/// Text for standard output, gathered and written in large pieces.
///
/// When nobody reads any more, as behind `| head`, the write ends the program quietly by SIGPIPE; where
/// that signal is ignored, and when the output cannot be written for another reason, by exit code 3.
package struct OutputBuffer {
    private static let failedWriteExitCode: Int32 = 3

    private var bytes: [UInt8] = []

    package init() {}

    package mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        if bytes.count >= 64 * 1024 { flush() }
    }

    package mutating func flush() {
        Self.write(bytes, to: STDOUT_FILENO)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes a line to standard error, at once.
    package static func note(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Says how far a long run has come, if a person is watching.
    package static func progress(_ text: String) { if isatty(STDERR_FILENO) == 1 { note(text) } }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { exit(failedWriteExitCode) }
            start += max(0, count)
        }
    }
}
