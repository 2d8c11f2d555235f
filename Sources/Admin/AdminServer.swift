import Logging
import NIOPosix
import Server

/// What operators ask over HTTP on `admin.serverPort`.
final class AdminServer: Sendable {
    private let httpPort: HTTPPort
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let logger: Logger

    var port: Int { httpPort.port }

    /// Takes the port. Blocks.
    init(
        _ configuration: ServerConfiguration, subject: ObservedServer, logger: Logger
    ) throws(HTTPPortError) {
        self.logger = logger
        let settings = configuration.admin
        let pages = AdminPages(
            settings,
            runner: CommandRunner(
                settings: settings, configuration: configuration, subject: subject, pool: pool,
                log: AdminLog(logger),
                snapshotRate: RateLimiter(milliseconds: settings.rateLimitMilliseconds),
                restoreRate: RateLimiter(milliseconds: settings.rateLimitMilliseconds)))
        var port = HTTPPort.Settings(
            key: "admin.serverPort", address: settings.address, port: settings.port,
            tls: try Self.tls(settings, logger))
        port.limits.idleMilliseconds = settings.idleMilliseconds
        port.limits.takesLongBody = { AdminPages.isRestoring($0, settings) }
        pool.start()
        do throws(HTTPPortError) {
            httpPort = try HTTPPort(port, logger: logger) { await pages.answer($0, from: $1) }
        } catch {
            Self.end(pool, logger)
            throw error
        }
        let speech = settings.speech == .plain ? "" : settings.speech == .tls ? " (TLS)" : " (plain and TLS)"
        logger.notice("admin commands on port \(httpPort.port)\(speech): \(settings.commandPath)/")
    }

    private static func tls(
        _ settings: AdminSettings, _ logger: Logger
    ) throws(HTTPPortError) -> HTTPSpeech.TLS? {
        guard settings.speech != .plain, let tls = settings.tls else { return nil }
        do throws(StoreFileError) {
            return HTTPSpeech.TLS(
                try TLSContext(tls, logger: logger), acceptsPlain: settings.speech == .either)
        } catch {
            throw HTTPPortError(key: "admin.serverPort", problem: "TLS cannot be spoken: \(error)")
        }
    }

    /// Blocks. Once only.
    func stop() {
        httpPort.stop()
        Self.end(pool, logger)
    }

    private static func end(_ pool: NIOThreadPool, _ logger: Logger) {
        do {
            try pool.syncShutdownGracefully()
        } catch {
            logger.warning("the admin server's thread did not end in good order: \(error)")
        }
    }
}
