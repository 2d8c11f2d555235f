import HummingbirdCore
import Logging
import Server

/// The ports for Prometheus: plain, TLS, or one that speaks both.
enum MetricsPorts {
    /// Takes what is configured. Blocks. What was taken in front of a failure is given back.
    static func open(
        _ settings: MetricsSettings, _ subject: ObservedServer, logger: Logger
    ) throws(HTTPPortError) -> [HTTPPort] {
        guard settings.isOn else { return [] }
        let page = MetricsPage(RecentMeasures(subject, showsProcess: settings.showsProcess))
        var ports: [HTTPPort] = []
        for place in try places(settings, logger) {
            do throws(HTTPPortError) {
                let port = try HTTPPort(place, logger: logger) { request, _ in await page.respond(request) }
                ports.append(port)
                logger.notice(
                    """
                    metrics for Prometheus on port \(port.port)\(place.tls == nil ? "" : " (TLS)"): \
                    \(MetricsPage.path)
                    """)
            } catch {
                for port in ports { port.stop() }
                throw error
            }
        }
        return ports
    }

    private static func places(
        _ settings: MetricsSettings, _ logger: Logger
    ) throws(HTTPPortError) -> [HTTPPort.Settings] {
        let plainKey = "metricsProvider.httpPort"
        guard let securePort = settings.securePort, let tls = settings.tls else {
            return settings.port.map {
                [HTTPPort.Settings(key: plainKey, address: settings.address, port: $0)]
            } ?? []
        }
        let context: TLSContext
        do throws(StoreFileError) {
            context = try TLSContext(tls, logger: logger)
        } catch {
            throw HTTPPortError(key: "metricsProvider.ssl.keyStore.location", problem: "\(error)")
        }
        let isShared = settings.port == securePort && securePort != 0
        let secure = HTTPPort.Settings(
            key: "metricsProvider.httpsPort", address: settings.address, port: securePort,
            tls: HTTPSpeech.TLS(context, acceptsPlain: isShared))
        guard let port = settings.port, !isShared else { return [secure] }
        return [HTTPPort.Settings(key: plainKey, address: settings.address, port: port), secure]
    }
}
