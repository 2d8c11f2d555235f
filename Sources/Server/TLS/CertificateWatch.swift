import Logging

/// Looks at the certificate files once a second, and exchanges what new connections get when they changed.
///
/// A bad file, half written perhaps, keeps everything as it was, is named in the log once, and is looked
/// at again each second: an exchange needs no second touch of the files.
package final class CertificateWatch: Sendable {
    private static let periodNanoseconds: Int64 = 1_000_000_000

    private let context: TLSContext
    private let logger: Logger
    private let end = WorkQueue<Void>()

    package init(_ context: TLSContext, logger: Logger) {
        self.context = context
        self.logger = logger
    }

    /// Begins to look.
    package func start() -> NamedThread { NamedThread.start("certificates") { [self] in run() } }

    /// Lets the thread end; it can be joined then.
    package func stop() { end.close() }

    private func run() {
        var inUse = context.firstFingerprint
        var complaint: StoreFileError?
        var lastBad: [FileMark?]?
        var nothing: [Void] = []
        while end.takeAll(into: &nothing, deadline: Clock.monotonicNanoseconds() + Self.periodNanoseconds)
            != .closed
        {
            // Taken before the files are read: what changes meanwhile is seen the next time.
            let found = context.settings.fingerprint()
            guard found != inUse else { continue }
            do throws(StoreFileError) {
                try context.reload(logger: logger)
                inUse = found
                complaint = nil
                logger.notice("the certificate files changed; new connections get what they hold now")
            } catch {
                if error != complaint || found != lastBad {
                    logger.error("certificates cannot be exchanged, those in use stay: \(error)")
                }
                complaint = error
                lastBad = found
            }
        }
    }
}
