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
            Runs in the foreground until SIGTERM or SIGINT, and logs to standard error. Without a file it \
            is a standalone server on 127.0.0.1:2181 with its data in ./data.

            Examples:
              zkserver
              zkserver /etc/aviary/zoo.cfg
              zkserver --print-settings > zoo.cfg

            Exit codes: 0 stopped, 2 settings, 10 data directory, 11 log failure, 12 client port.
            """,
        version: ServerVersion.text)

    @Argument(help: "The settings: a zoo.cfg. Without it the embedded ones are taken.")
    var file: String?

    @Flag(help: "Print the embedded settings, as a zoo.cfg to begin with, and end.")
    var printSettings = false

    @Flag(name: .shortAndLong, help: "Log more.")
    var verbose = false

    func run() throws {
        if printSettings {
            print(EmbeddedSettings.text, terminator: "")
            return
        }
        let isVerbose = verbose
        LoggingSystem.bootstrap { _ in
            var handler = LineLogHandler()
            handler.logLevel = isVerbose ? .debug : .info
            return handler
        }
        let logger = Logger(label: "zkserver")
        let signals = StopSignals()
        OpenFiles.raiseLimit()
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

    private func settingsText() throws(ConfigurationError) -> String {
        guard let file else { return EmbeddedSettings.text }
        guard let text = TextFile.contents(of: file) else {
            throw ConfigurationError(
                file: file, lineNumber: nil, key: "zoo.cfg", problem: "the file cannot be read as UTF-8 text")
        }
        return text
    }

    private static func exit(_ code: ServerExitCode) -> ArgumentParser.ExitCode {
        ArgumentParser.ExitCode(code.rawValue)
    }

    private func readConfiguration(_ logger: Logger) throws(ConfigurationError) -> ServerConfiguration {
        let (configuration, warnings) = try ServerConfiguration.reading(
            try settingsText(), file: file ?? EmbeddedSettings.name)
        for warning in warnings { logger.warning("\(warning)") }
        return configuration
    }
}
