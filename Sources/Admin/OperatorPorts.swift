import Logging
import Server

/// The ports on which operators ask over HTTP: none unless one is configured.
///
/// They are taken in front of the server's start and say, as long as that lasts, that nothing is served yet.
package final class OperatorPorts: Sendable {
    private let ports: [HTTPPort]
    private let subject = ObservedServer()

    /// Takes the ports. Blocks.
    package init(_ configuration: ServerConfiguration, logger: Logger) throws(HTTPPortError) {
        ports = []
    }

    /// From now on they tell of this server.
    package func observe(_ server: RunningServer) { subject.set(server.observer) }

    /// Gives the ports back. Blocks. Once only.
    package func stop() {
        for port in ports { port.stop() }
    }
}
