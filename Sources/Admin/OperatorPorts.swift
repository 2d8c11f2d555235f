import Logging
import Server

/// The ports on which operators ask over HTTP: none unless one is configured.
///
/// They are taken in front of the server's start and say, as long as that lasts, that nothing is served yet.
package final class OperatorPorts: Sendable {
    private let admin: AdminServer?
    private let metrics: [HTTPPort]
    private let subject = ObservedServer()

    /// The port of the admin commands, chosen by the kernel if that was left to it.
    package var adminPort: Int? { admin?.port }

    /// The ports of the page for Prometheus.
    package var metricsPorts: [Int] { metrics.map(\.port) }

    /// Takes the ports. Blocks.
    package init(_ configuration: ServerConfiguration, logger: Logger) throws(HTTPPortError) {
        admin =
            configuration.admin.isOn
            ? try AdminServer(configuration, subject: subject, logger: logger) : nil
        do throws(HTTPPortError) {
            metrics = try MetricsPorts.open(configuration.metrics, subject, logger: logger)
        } catch {
            admin?.stop()
            throw error
        }
    }

    /// From now on they tell of this server.
    package func observe(_ server: RunningServer) { subject.set(server.observer) }

    /// Gives the ports back. Blocks. Once only.
    package func stop() {
        admin?.stop()
        for port in metrics { port.stop() }
    }
}
