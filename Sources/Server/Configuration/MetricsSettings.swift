/// The port with the page for Prometheus (`metricsProvider.*`). `mntr` and `monitor` need none of this.
package struct MetricsSettings: SettingsGroup, Equatable {
    /// Whether the provider is the one for Prometheus.
    package var isOn = false
    /// As Apache's: every IPv4 address.
    package var address = "0.0.0.0"
    /// 0 lets the kernel choose; nil is none. The same number for both tells TLS from plain by how a client
    /// begins.
    package var port: Int?
    package var securePort: Int?
    /// Nil if TLS is not spoken.
    package var tls: TLSSettings?
    /// The page tells of the process, too: memory, processor time, files.
    package var showsProcess = true

    package init() {}

    /// Whether only somebody with a certificate that is trusted is answered.
    var isProved: Bool { port == nil && tls?.clientAuthentication == .need }

    private static let prefix = "metricsProvider."
    private static let prometheus = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
    /// Those that have `mntr` alone.
    private static let quiet: Set<String> = [
        "", "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
        "org.apache.zookeeper.metrics.impl.NullMetricsProvider",
    ]
    /// What Apache ZooKeeper 3.9 takes when nothing is said.
    private static let standardPort = 7000

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let provider = settings.take(Self.prefix + "className")
        isOn = provider?.value == Self.prometheus
        if let provider, !isOn, !Self.quiet.contains(provider.value) {
            settings.warn(
                provider, "a Java class cannot be used here; expected \(Self.prometheus), or no such line")
        }
        try takePorts(&settings)
        showsProcess = try settings.boolean(Self.prefix + "exportJvmInfo") ?? showsProcess
        warnOfQueue(&settings)
        if !isOn { (port, securePort) = (nil, nil) }
        guard !isOn || port != nil || securePort != nil else {
            throw settings.missing(
                "\(Self.prefix)httpPort or \(Self.prefix)httpsPort", "a TCP port that is not -1")
        }
        if securePort != nil {
            tls = try Self.takeTLS(&settings)
        } else {
            for key in settings.keys(beginningWith: Self.prefix + "ssl.") { _ = settings.take(key) }
        }
    }

    private mutating func takePorts(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let text = settings.text(Self.prefix + "httpHost"), !text.isEmpty { address = text }
        let plain = settings.peek(Self.prefix + "httpPort")
        let number = try settings.integer(Self.prefix + "httpPort", in: -1...65_535, unit: "a TCP port")
        let secure = settings.peek(Self.prefix + "httpsPort")
        let secureNumber = try settings.integer(
            Self.prefix + "httpsPort", in: -1...65_535, unit: "a TCP port")
        if let entry = plain ?? secure, !isOn {
            settings.warn(entry, "has no effect without \(Self.prefix)className=\(Self.prometheus)")
        }
        securePort = secureNumber == -1 ? nil : secureNumber
        port = number == -1 ? nil : number ?? (securePort == nil ? Self.standardPort : nil)
    }

    /// Apache's provider hands each value that is measured to threads of its own.
    private func warnOfQueue(_ settings: inout SettingsReader) {
        let keys = ["numWorkerThreads", "maxQueueSize", "workerShutdownTimeoutMs"]
        for key in keys + ["prometheusMetricsSummaryRotateIntervalSeconds"] {
            guard let entry = settings.take(Self.prefix + key) else { continue }
            settings.warn(
                entry, "figures are kept as they are measured, without threads or a queue; it has no effect")
        }
    }

    private static func takeTLS(
        _ settings: inout SettingsReader
    ) throws(ConfigurationError) -> TLSSettings {
        let ssl = prefix + "ssl"
        var tls = TLSSettings()
        tls.keyStore = try TLSSettings.store(ssl + ".keyStore", &settings)
        tls.trustStore = try TLSSettings.store(ssl + ".trustStore", &settings)
        let needs = try settings.boolean(ssl + ".need.client.auth") ?? true
        let wants = try settings.boolean(ssl + ".want.client.auth") ?? true
        tls.clientAuthentication = needs ? .need : wants ? .want : .none
        try tls.takeProtocol(&settings, prefix: ssl)
        guard tls.keyStore != nil else {
            throw settings.missing(
                ssl + ".keyStore.location", "for \(prefix)httpsPort a file with the server's key")
        }
        guard tls.trustStore != nil || tls.clientAuthentication == .none else {
            throw settings.missing(
                ssl + ".trustStore.location",
                "a file with the certificates that those of whoever asks are checked against "
                    + "(\(ssl).need.client.auth=false and \(ssl).want.client.auth=false ask for none)")
        }
        return tls
    }
}
