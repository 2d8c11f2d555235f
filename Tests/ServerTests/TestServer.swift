import Glibc
import Logging
import Sessions

@testable import Server

/// A server on a directory of its own, in this process.
final class TestServer {
    let directory: String
    let server: RunningServer
    private var isRunning = true
    private let thread: NamedThread
    private let exit = WorkQueue<ServerExitCode>()

    /// - Parameter directory: of an earlier server, to go on with its data; nil makes a new one.
    init(
        directory: String? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        self.directory = directory ?? "/tmp/aviary-server-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        var configuration = ServerConfiguration(dataDirectory: self.directory, clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        configuration.segmentByteCount = 4 << 20
        configuration.timeouts = SessionTimeouts(tickMilliseconds: 50, minimumMilliseconds: 100)
        change(&configuration)
        server = try RunningServer(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        thread = NamedThread.start("server") { [server, exit] in exit.put(server.runUntilEnd()) }
    }

    var port: Int { server.port }

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
