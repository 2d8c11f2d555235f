import Testing

@testable import Server

/// `metricsProvider.*`: whether and where there is a page for Prometheus.
@Suite struct MetricsSettingsTests {
    private static let prometheus =
        "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n"

    private func read(
        _ lines: String
    ) throws(ConfigurationError) -> (metrics: MetricsSettings, warnings: [String], open: [OpenSurface]) {
        let text = PropertiesText("dataDir=/d\nclientPort=1\nclientPortAddress=127.0.0.1\n" + lines)
        let (configuration, warnings) = try ServerConfiguration.reading(text, file: "zoo.cfg")
        return (configuration.metrics, warnings, configuration.openSurfaces)
    }

    private func problem(_ lines: String) -> String {
        do throws(ConfigurationError) {
            _ = try read(lines)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        "", "metricsProvider.className=org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
        "metricsProvider.className=org.apache.zookeeper.metrics.impl.NullMetricsProvider",
    ])
    func thereIsNoPortUnlessItIsAskedFor(lines: String) throws {
        let (metrics, warnings, _) = try read(lines)
        #expect(!metrics.isOn && metrics.port == nil && metrics.securePort == nil)
        #expect(warnings == [])
    }

    @Test func thePortIsApachesUnlessSaidOtherwise() throws {
        let (metrics, warnings, open) = try read(Self.prometheus)
        #expect(metrics.isOn && metrics.port == 7000 && metrics.securePort == nil)
        #expect(metrics.address == "0.0.0.0" && metrics.showsProcess)
        #expect(warnings == [])
        #expect(open == [.metricsPort])
    }

    @Test func hostPortAndProcessAreTaken() throws {
        let (metrics, warnings, open) = try read(
            Self.prometheus
                + """
                metricsProvider.httpHost=127.0.0.1
                metricsProvider.httpPort=9141
                metricsProvider.exportJvmInfo=false
                """)
        #expect(metrics.port == 9141 && metrics.address == "127.0.0.1" && !metrics.showsProcess)
        #expect(warnings == [] && open == [])
    }

    @Test func aSecurePortAloneTakesNoPlainOne() throws {
        let lines = """
            metricsProvider.httpsPort=9142
            metricsProvider.ssl.keyStore.location=/k.pem
            metricsProvider.ssl.trustStore.location=/t.p12
            metricsProvider.ssl.trustStore.password=secret
            metricsProvider.ssl.enabledProtocols=TLSv1.3
            """
        let (metrics, _, open) = try read(Self.prometheus + lines)
        #expect(metrics.port == nil && metrics.securePort == 9142)
        #expect(metrics.tls?.clientAuthentication == .need)
        #expect(metrics.tls?.versions == .v13 ... .v13)
        #expect(metrics.tls?.keyStore?.path == "/k.pem" && metrics.tls?.trustStore?.kind == .pkcs12)
        #expect(open == [])
        #expect(try read(Self.prometheus + lines + "\nmetricsProvider.httpPort=9141").open == [.metricsPort])
    }

    @Test(arguments: [
        ("true", "true", TLSSettings.ClientAuthentication.need), ("true", "false", .need),
        ("false", "true", .want), ("false", "false", .none),
    ])
    func clientsAreAskedForCertificatesAsFarAsIsSaid(
        needs: String, wants: String, expected: TLSSettings.ClientAuthentication
    ) throws {
        let (metrics, _, open) = try read(
            Self.prometheus
                + """
                metricsProvider.httpsPort=9142
                metricsProvider.ssl.keyStore.location=/k.pem
                metricsProvider.ssl.trustStore.location=/t.pem
                metricsProvider.ssl.need.client.auth=\(needs)
                metricsProvider.ssl.want.client.auth=\(wants)
                """)
        #expect(metrics.tls?.clientAuthentication == expected)
        #expect(open == (expected == .need ? [] : [.metricsPort]))
    }

    @Test func whatIsMissingIsNamed() {
        let secure = Self.prometheus + "metricsProvider.httpsPort=9142\n"
        #expect(problem(secure).contains("metricsProvider.ssl.keyStore.location"))
        let keyed = secure + "metricsProvider.ssl.keyStore.location=/k.pem\n"
        #expect(problem(keyed).contains("metricsProvider.ssl.trustStore.location"))
        let unasked =
            "metricsProvider.ssl.need.client.auth=false\nmetricsProvider.ssl.want.client.auth=false\n"
        #expect(problem(keyed + unasked) == "")
        #expect(problem(Self.prometheus + "metricsProvider.httpPort=-1").contains("httpsPort"))
        #expect(problem(Self.prometheus + "metricsProvider.httpPort=70000").contains("-1 to 65535"))
    }

    @Test func whatHasNoEffectIsSaid() throws {
        let other = try read("metricsProvider.className=com.example.Graphite\nmetricsProvider.httpPort=1")
        #expect(!other.metrics.isOn && other.warnings.count == 2)
        #expect(other.warnings.first?.contains("a Java class cannot be used here") == true)
        #expect(other.warnings.last?.contains("has no effect without metricsProvider.className") == true)
        for key in ["numWorkerThreads", "maxQueueSize", "workerShutdownTimeoutMs"] {
            let warnings = try read(Self.prometheus + "metricsProvider.\(key)=1").warnings
            #expect(warnings.count == 1 && warnings[0].contains("has no effect"), "\(key)")
        }
        #expect(try read("metricsProvider.nonsense=1").warnings.first?.contains("not a setting") == true)
        #expect(try read("metricsProvider.ssl.keyStore.password=x").warnings == [])
    }
}
