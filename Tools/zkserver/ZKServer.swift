import ArgumentParser
import Glibc
import Logging
import Server

/// The server's command line.
struct ZKServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zkserver",
        abstract: "A ZooKeeper-compatible coordination service.",
        discussion: """
            Runs in the foreground until SIGTERM or SIGINT, and logs to standard error.
            Exit codes: 0 stopped, 2 settings, 10 data directory, 11 log failure, 12 client port.
            """,
        version: ServerVersion.text)

    @Argument(help: "The settings: a zoo.cfg.")
    var file: String

    @Flag(name: .shortAndLong, help: "Log more.")
    var verbose = false

    func run() throws {
        let isVerbose = verbose
        LoggingSystem.bootstrap { _ in
            var handler = LineLogHandler()
            handler.logLevel = isVerbose ? .debug : .info
            return handler
        }
        let logger = Logger(label: "zkserver")
        let signals = StopSignals()
        do {
            let configuration = try readConfiguration(logger)
            let server = try RunningServer(configuration, logger: logger)
            signals.onSignal { server.requestStop() }
            throw Self.exit(server.runUntilEnd())
        } catch let error as ConfigurationError {
            logger.critical("\(error)")
            throw Self.exit(.configuration)
        } catch let error as StartError {
            logger.critical("not started: \(error)")
            throw Self.exit(error.exitCode)
        }
    }

    private static func exit(_ code: ServerExitCode) -> ArgumentParser.ExitCode {
        ArgumentParser.ExitCode(code.rawValue)
    }

    private func readConfiguration(_ logger: Logger) throws(ConfigurationError) -> ServerConfiguration {
        guard let text = TextFile.contents(of: file) else {
            throw ConfigurationError(
                file: file, lineNumber: nil, key: "zoo.cfg", problem: "the file cannot be read as UTF-8 text")
        }
        let (configuration, warnings) = try ServerConfiguration.reading(text, file: file)
        for warning in warnings { logger.warning("\(warning)") }
        return configuration
    }
}
