import Glibc
import Sessions
import TestSupport

@testable import Server

/// A server on a directory of its own, in this process.
final class TestServer {
    /// Goes when the last server on it is gone.
    let place: TemporaryDirectory
    var directory: String { place.appending("data") }
    let server: RunningServer
    let messages = KeptMessages()
    private var isRunning = true
    private let thread: NamedThread
    private let exit = WorkQueue<ServerExitCode>()

    /// - Parameter place: an earlier server's, to go on with its data; nil makes a new one.
    init(
        on place: TemporaryDirectory? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        let place = try place ?? TemporaryDirectory()
        self.place = place
        var configuration = ServerConfiguration(dataDirectory: place.appending("data"), clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        configuration.segmentByteCount = 4 << 20
        // Clients that do not ping must outlive a busy machine.
        configuration.timeouts = SessionTimeouts(
            tickMilliseconds: 50, minimumMilliseconds: 100, maximumMilliseconds: 20_000)
        change(&configuration)
        server = try RunningServer(configuration, logger: messages.logger)
        thread = NamedThread.start("server") { [server, exit] in exit.put(server.runUntilEnd()) }
    }

    var port: Int { server.port }

    /// Runs `body` on the core's loop, and waits for it.
    func onCore<Result: Sendable>(_ body: @escaping @Sendable (Core) -> Result) -> Result? {
        let results = WorkQueue<Result>()
        server.core.perform { results.put(body($0)) }
        var taken: [Result] = []
        _ = results.takeAll(into: &taken, deadline: nil)
        return taken.first
    }

    /// Stops the server; returns how it ended.
    @discardableResult
    func stop() -> ServerExitCode? {
        guard isRunning else { return nil }
        isRunning = false
        server.requestStop()
        thread.join()
        var codes: [ServerExitCode] = []
        _ = exit.takeAll(into: &codes, deadline: nil)
        return codes.first
    }

    deinit { stop() }
}
