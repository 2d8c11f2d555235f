import Logging
import Synchronization

/// What a server under test said.
final class KeptMessages: Sendable {
    private let messages = Mutex<[String]>([])

    var all: [String] { messages.withLock { $0 } }

    func count(of part: String) -> Int { all.count { $0.contains(part) } }

    var logger: Logger { Logger(label: "test") { _ in Handler(kept: self) } }

    private struct Handler: LogHandler {
        let kept: KeptMessages
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        init(kept: KeptMessages) { self.kept = kept }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { kept.messages.withLock { $0.append("\(event.message)") } }
    }
}
