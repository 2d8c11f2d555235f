import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Server

/// Answers one request. It runs on none of the server's threads and may wait.
package typealias HTTPResponder = @Sendable (Request, HTTPPeer) async -> Response

/// Why a port for operators cannot be had.
package struct HTTPPortError: Error, Sendable, CustomStringConvertible {
    /// The setting that names the port.
    package let key: String
    package let problem: String

    package var description: String { "\(key): \(problem)" }
}

/// A port on which operators ask over HTTP/1.1, with an event loop and a thread of its own.
///
/// Nothing that happens here reaches the loop of the clients: connections are bounded in number, requests in
/// bytes and in time, and answers are taken from the core by `ServerObserver` alone.
package final class HTTPPort: Sendable {
    /// Where and how it is spoken.
    package struct Settings: Sendable {
        /// The setting that names the port, for messages.
        package var key: String
        package var address: String
        /// 0 lets the kernel choose.
        package var port: Int
        package var tls: HTTPSpeech.TLS?
        package var limits = HTTPLimits()

        package init(key: String, address: String, port: Int, tls: HTTPSpeech.TLS? = nil) {
            self.key = key
            self.address = address
            self.port = port
            self.tls = tls
        }
    }

    /// The port, chosen by the kernel if that was left to it.
    package let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let server: HummingbirdCore.Server<HTTPSpeech>
    private let open = OpenChannels()
    private let running: Task<Void, Never>
    private let ended: EventLoopFuture<Void>
    private let certificates: WatchedCertificates?
    private let logger: Logger

    /// Requests that are being answered when the end comes have so long to be finished.
    private static let farewellMax = TimeAmount.seconds(2)

    /// Takes the port; requests are answered from then on. Blocks, so not to be called by a task.
    package init(
        _ settings: Settings, logger: Logger, responder: @escaping HTTPResponder
    ) throws(HTTPPortError) {
        self.logger = logger
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let bound = loop.makePromise(of: Int.self)
        let ended = loop.makePromise(of: Void.self)
        self.ended = ended.futureResult
        server = HummingbirdCore.Server(
            childChannelSetup: HTTPSpeech(
                tls: settings.tls, limits: settings.limits, open: open, responder: responder),
            configuration: HummingbirdCore.ServerConfiguration(
                address: .hostname(settings.address, port: settings.port), backlog: 128,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    settings.limits.connectionCountMax, logger: logger)),
            onServerRunning: { bound.succeed($0.localAddress?.port ?? settings.port) },
            eventLoopGroup: group, logger: Self.quiet(logger))
        running = Task { [server] in
            do {
                try await server.run()
            } catch {
                bound.fail(error)
            }
            ended.succeed()
        }
        do {
            port = try bound.futureResult.wait()
        } catch {
            Self.waitFor(ended.futureResult)
            Self.end(group, logger)
            throw HTTPPortError(
                key: settings.key, problem: "cannot listen on \(settings.address):\(settings.port): \(error)")
        }
        certificates = settings.tls.map { WatchedCertificates($0.context, logger: logger) }
    }

    /// Takes no more requests, lets those under way be answered for 2 s at most, and gives the port back.
    /// Blocks. Once only.
    package func stop() {
        certificates?.stop()
        let overdue = group.next().scheduleTask(in: Self.farewellMax) { [open, running] in
            running.cancel()
            open.closeAll()
        }
        Task { [server, logger, port] in
            do {
                try await server.shutdownGracefully()
            } catch {
                logger.debug("HTTP port \(port): \(error)")
            }
        }
        Self.waitFor(ended)
        overdue.cancel()
        Self.end(group, logger)
    }

    private static func waitFor(_ end: EventLoopFuture<Void>) {
        do {
            try end.wait()
        } catch {
            // It has ended all the same.
        }
    }

    /// What hummingbird says by itself concerns its insides.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        return quiet
    }

    private static func end(_ group: MultiThreadedEventLoopGroup, _ logger: Logger) {
        do {
            try group.syncShutdownGracefully()
        } catch {
            logger.warning("the event loop of an HTTP port did not end in good order: \(error)")
        }
    }
}

/// Certificates that are read again when their files change.
private final class WatchedCertificates: Sendable {
    private let watch: CertificateWatch
    private let thread: NamedThread

    init(_ context: TLSContext, logger: Logger) {
        watch = CertificateWatch(context, logger: logger)
        thread = watch.start()
    }

    func stop() {
        watch.stop()
        thread.join()
    }
}
