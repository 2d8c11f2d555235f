import Admin
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
              zkserver -DtickTime=1000 -Dzookeeper.skipACL=yes zoo.cfg
              zkserver --print-settings > zoo.cfg
              zkserver --restore backup/snap-0000000500000011-00000007.zks zoo.cfg

            Java properties that zkServer.sh would give a JVM are read from SERVER_JVMFLAGS and JVMFLAGS; \
            the file goes before them.

            Exit codes: 0 stopped, 2 settings, 10 data directory, 11 log failure, 12 client port, \
            13 admin or metrics port.
            """,
        version: ServerVersion.text)

    @Argument(help: "The settings: a zoo.cfg. Without it the embedded ones are taken.")
    var file: String?

    @Option(
        name: .customShort("D"),
        help: ArgumentHelp(
            "A setting that counts whatever the file says; may stand several times.",
            valueName: "name=value"))
    var definitions: [String] = []

    @Flag(help: "Print the embedded settings, as a zoo.cfg to begin with, and end.")
    var printSettings = false

    @Option(
        help: ArgumentHelp(
            "Let a snapshot file take the place of everything in the data directory, and end. No server may run on it.",
            valueName: "snapshot"))
    var restore: String?

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
            if let restore {
                let zxid = try OfflineRestore.run(restore, configuration)
                logger.notice("restored \(restore): the next start serves the state of zxid \(zxid)")
                return
            }
            let ports = try OperatorPorts(configuration, logger: logger)
            let server: RunningServer
            do {
                server = try RunningServer(configuration, logger: logger)
            } catch {
                ports.stop()
                throw error
            }
            ports.observe(server)
            signals.onSignal { server.requestStop() }
            throw Self.exit(server.runUntilEnd(beforeStopping: ports.stop))
        } catch let error as ConfigurationError {
            logger.critical("\(error)")
            throw Self.exit(.configuration)
        } catch let error as RestoreError {
            logger.critical("nothing was restored: \(error)")
            throw Self.exit(.storage)
        } catch let error as StartError {
            logger.critical("not started: \(error)")
            throw Self.exit(error.exitCode)
        } catch let error as HTTPPortError {
            logger.critical("not started: \(error)")
            throw Self.exit(.operatorPort)
        }
    }

    private func settings() throws(ConfigurationError) -> PropertiesText {
        guard let file else { return PropertiesText(EmbeddedSettings.text) }
        do throws(TextFile.Problem) {
            return PropertiesText(try TextFile.contents(of: file))
        } catch {
            throw ConfigurationError(file: file, lineNumber: nil, key: nil, problem: Self.advice(error, file))
        }
    }

    /// Why a file cannot be read, and what to type.
    private static func advice(_ problem: TextFile.Problem, _ file: String) -> String {
        switch problem {
        case .missing:
            "\(problem.reason); `zkserver --print-settings > \(file)` writes one to begin with"
        case .tooLong:
            "\(problem.reason); expected a zoo.cfg"
        case .unreadable:
            "\(problem.reason); expected a zoo.cfg that this user may read"
        }
    }

    /// What zkServer.sh gives a JVM, in that order.
    private static var environment: [JavaProperties] {
        ["SERVER_JVMFLAGS", "JVMFLAGS"].compactMap { name in
            getenv(name).map { JavaProperties(flags: String(cString: $0), source: name) }
        }
    }

    /// A file that a setting names.
    private static func included(_ path: String) throws(UnusableFile) -> PropertiesText {
        do throws(TextFile.Problem) {
            return PropertiesText(try TextFile.contents(of: path))
        } catch {
            throw UnusableFile(reason: error.reason)
        }
    }

    private static func exit(_ code: ServerExitCode) -> ArgumentParser.ExitCode {
        ArgumentParser.ExitCode(code.rawValue)
    }

    private func readConfiguration(_ logger: Logger) throws(ConfigurationError) -> ServerConfiguration {
        let (configuration, warnings) = try ServerConfiguration.reading(
            try settings(), file: file ?? EmbeddedSettings.name, environment: Self.environment,
            commandLine: JavaProperties(definitions: definitions, source: "command line"),
            included: Self.included)
        for warning in warnings { logger.warning("\(warning)") }
        for surface in configuration.openSurfaces { logger.warning("open: \(surface.advice)") }
        return configuration
    }
}
