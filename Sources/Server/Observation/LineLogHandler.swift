import Glibc
import Logging

/// Writes log messages to standard error, each as one line: UTC time, level, message, metadata.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    package init() {}

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var bytes = Array(line(event).utf8)
        bytes.append(0x0a)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// One line, whatever is in the message.
    func line(_ event: LogEvent) -> String {
        var line = "\(Self.timestamp()) \(event.level.rawValue.uppercased()) \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { _, of in of }
        for key in all.keys.sorted() {
            if let value = all[key] { line += " \(key)=\(value)" }
        }
        return LogText.printable(line)
    }

    /// The present as `2026-01-31T23:59:59.999Z`.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var fields = tm()
        gmtime_r(&now.tv_sec, &fields)
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer -> String in
            guard let start = buffer.baseAddress,
                strftime(start, buffer.count, "%Y-%m-%dT%H:%M:%S", &fields) > 0
            else { return "-" }
            return String(cString: start)
        }
        let milliseconds = String(now.tv_nsec / 1_000_000)
        return text + "." + String(repeating: "0", count: 3 - milliseconds.count) + milliseconds + "Z"
    }
}
