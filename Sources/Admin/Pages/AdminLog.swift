import Logging
import NIOCore
import Server
import Synchronization

/// Lines about those who ask, so many and no more: whoever reaches the port can cause them.
final class AdminLog: Sendable {
    private let logger: Logger
    private let budget = Mutex(LineBudget())

    init(_ logger: Logger) { self.logger = logger }

    func notice(_ text: String) { logger.notice("admin: \(text)") }

    func warn(_ text: String) {
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        let (mayWrite, omitted) = budget.withLock { $0.take(now: now) }
        guard mayWrite else { return }
        logger.warning("admin: \(text)\(omitted > 0 ? " (and \(omitted) lines before)" : "")")
    }
}
