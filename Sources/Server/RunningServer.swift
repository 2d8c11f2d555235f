import Disk
import Identifiers
import Logging
import NIOCore
import NIOPosix
import Storage

/// A running server: sockets and a loop, and the service on them.
package final class RunningServer: @unchecked Sendable {
    /// The port that clients connect to; the secure one, if that is the only one.
    package let port: Int
    /// The port that speaks TLS alone, if there is one.
    package let securePort: Int?
    let configuration: ServerConfiguration
    let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    let core: CoreReference
    private let listeners: Listeners
    /// Of the certificates, and the thread that keeps it.
    private let certificateWatch: (watch: CertificateWatch, thread: NamedThread)?
    let ground: ServerGround
    let restoreDesk = RestoreDesk()
    /// Nil between two openings of the store. Used by the thread that runs.
    var service: Service?

    /// Takes the port, opens the data directory and loads it. Blocks until clients are served.
    ///
    /// The port comes first: a start that cannot have it leaves no trace in the data directory, however
    /// often it is tried.
    package init(_ configuration: ServerConfiguration, logger: Logger) throws(StartError) {
        self.configuration = configuration
        self.logger = logger
        let auditWriter = try Self.auditWriter(configuration.audit, logger: logger)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let core = CoreReference(eventLoop: loop)
        self.core = core
        let tls: TLSAcceptor?
        do throws(StartError) {
            try Self.findDirectories(configuration)
            tls = try Self.tls(configuration, core: core, logger: logger)
            listeners = try Self.listen(configuration, on: loop, core: core, tls: tls)
            ground = ServerGround(
                configuration: configuration, loop: loop, core: core, tls: tls, auditWriter: auditWriter,
                logger: logger, tasks: WorkQueue())
            service = try Service(OpenedState(configuration, logger: logger), on: ground)
        } catch {
            auditWriter?.stop(saying: .serverStart, .failure)
            Self.end(group, logger)
            throw error
        }
        port = listeners.port ?? listeners.securePort ?? 0
        securePort = listeners.securePort
        certificateWatch = tls.map {
            let watch = CertificateWatch($0.context, logger: logger)
            return (watch, watch.start())
        }
        let ports = [listeners.port.map { "port \($0)" }, securePort.map { "port \($0) (TLS)" }]
        auditWriter?.put(.serverStart, .success)
        logger.notice("serving clients on \(ports.compactMap { $0 }.joined(separator: ", "))")
    }

    /// A running writer; nil if no audit log is asked for.
    private static func auditWriter(
        _ settings: AuditSettings, logger: Logger
    ) throws(StartError) -> AuditWriter? {
        guard settings.isOn else { return nil }
        do throws(DiskError) {
            let writer = try AuditWriter(settings, logger: logger)
            writer.start()
            return writer
        } catch {
            throw .auditLog(error)
        }
    }

    /// Nil if no port speaks TLS.
    private static func tls(
        _ configuration: ServerConfiguration, core: CoreReference, logger: Logger
    ) throws(StartError) -> TLSAcceptor? {
        guard configuration.tls.isUsed else { return nil }
        do throws(StoreFileError) {
            return TLSAcceptor(try TLSContext(configuration.tls, logger: logger), core: core, logger: logger)
        } catch {
            throw .certificates(error)
        }
    }

    /// A disk that was not mounted must not look like a server that is new.
    private static func findDirectories(_ configuration: ServerConfiguration) throws(StartError) {
        guard !configuration.createsDirectories else { return }
        for path in [configuration.dataDirectory, configuration.logDirectory]
        where !SystemFacts.isDirectory(path) {
            throw .missingDirectory(path)
        }
    }

    private static func listen(
        _ configuration: ServerConfiguration, on loop: any EventLoop, core: CoreReference, tls: TLSAcceptor?
    ) throws(StartError) -> Listeners {
        do {
            return try Listeners.open(configuration, on: loop, core: core, tls: tls)
        } catch {
            throw .listening("\(error)")
        }
    }

    /// Asks a running server to end. Returns at once; may be called from any thread.
    package func requestStop() { ground.tasks.put(.end(nil)) }

    /// Does what it is asked to, until the end is asked for or something fails; then stops. Once only.
    ///
    /// - Parameter beforeStopping: called when the end has come, while the core still answers if there is one.
    ///   Who waits for a restore has been told by then that there is none.
    package func runUntilEnd(beforeStopping: () -> Void = {}) -> ServerExitCode {
        while true {
            var tasks: [ServerTask] = []
            _ = ground.tasks.takeAll(into: &tasks, deadline: nil)
            for (place, task) in tasks.enumerated() {
                switch task {
                case .end(let failure):
                    refuseRestores(tasks[(place + 1)...])
                    beforeStopping()
                    return end(with: stop(after: failure))
                case .restore(let order):
                    guard let code = carryOut(order) else { continue }
                    refuseRestores(tasks[(place + 1)...])
                    beforeStopping()
                    return end(with: code)
                }
            }
        }
    }

    /// Lets nobody in any more who wants to restore, and tells those who wait.
    private func refuseRestores(_ rest: ArraySlice<ServerTask>) {
        restoreDesk.close()
        var tasks: [ServerTask] = []
        _ = ground.tasks.takeAll(into: &tasks, deadline: 0)
        for case .restore(let order) in rest + tasks { order.answer(.failure(.stopping)) }
    }

    /// Stops the service in good order, if nothing failed.
    private func stop(after failure: ServerFailure?) -> ServerExitCode {
        listeners.close()
        guard let service else { return .storage }
        if failure == nil && !service.drain() {
            logger.warning("not everything was answered in 5 seconds; stopping anyway")
        }
        let (figures, isClean) = service.stop(hasFailed: failure != nil)
        guard failure == nil, isClean else { return .logFailure }
        logger.notice("stopped at zxid \(figures.lastCommitted)")
        return .stopped
    }

    /// Lets go of everything.
    private func end(with code: ServerExitCode) -> ServerExitCode {
        listeners.close()
        certificateWatch?.watch.stop()
        certificateWatch?.thread.join()
        ground.auditWriter?.stop(saying: .serverStop, .invoked)
        core.endQuestions()
        Self.end(group, logger)
        service = nil
        return code
    }

    /// Ends the loop, and with it every socket.
    private static func end(_ group: MultiThreadedEventLoopGroup, _ logger: Logger) {
        do {
            try group.syncShutdownGracefully()
        } catch {
            logger.warning("the event loop did not end in good order: \(error)")
        }
    }
}
