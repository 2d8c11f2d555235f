/// The port on which operators ask over HTTP (`admin.*`).
package struct AdminSettings: SettingsGroup, Equatable {
    package enum Speech: Sendable {
        case plain
        /// Plain or TLS, as the client begins.
        case either
        case tls
    }

    package var isOn = false
    /// As Apache's: every IPv4 address.
    package var address = "0.0.0.0"
    /// 0 lets the kernel choose.
    package var port = 8080
    /// So long a connection may be silent, a request may take to arrive, an answer may lie untaken.
    package var idleMilliseconds = 30_000
    /// What stands in front of a command's name in a path, without the slash between them.
    package var commandPath = "/commands"
    package var speech = Speech.plain
    /// The quorum's key store and trust store, as with Apache's server; nil if TLS is not spoken.
    package var tls: TLSSettings?
    /// One snapshot, and one restoring, in so long a time; 0 is no limit.
    package var rateLimitMilliseconds = 300_000
    package var offersSnapshots = true
    package var offersRestoring = true

    package init() {}

    /// Whether only somebody with a certificate that is trusted is answered.
    var isProved: Bool { speech == .tls && tls?.clientAuthentication == .need }

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        isOn = try settings.boolean("admin.enableServer") ?? isOn
        if let text = settings.text("admin.serverAddress"), !text.isEmpty { address = text }
        port = try settings.integer("admin.serverPort", in: 0...65_535, unit: "a TCP port") ?? port
        idleMilliseconds =
            try settings.integer("admin.idleTimeout", in: 1...86_400_000, unit: "milliseconds")
            ?? idleMilliseconds
        try takeCommandPath(&settings)
        let version = settings.peek("admin.httpVersion")
        if let number = try settings.integer("admin.httpVersion", in: 9...20, unit: "tenths"), number != 11,
            let version
        {
            settings.warn(version, "HTTP/1.1 is spoken; it has no effect")
        }
        rateLimitMilliseconds =
            try settings.integer("admin.rateLimiterIntervalInMS", in: 0...86_400_000, unit: "milliseconds")
            ?? rateLimitMilliseconds
        offersSnapshots = try settings.boolean("admin.snapshot.enabled") ?? offersSnapshots
        offersRestoring = try settings.boolean("admin.restore.enabled") ?? offersRestoring
        try takeTLS(&settings)
    }

    private mutating func takeCommandPath(_ settings: inout SettingsReader) throws(ConfigurationError) {
        guard let entry = settings.take("admin.commandURL"), !entry.value.isEmpty else { return }
        let path = entry.value.utf8
        let isPlain = path.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/-._~".utf8.contains(byte)
            }
        }
        guard path.first == UInt8(ascii: "/"), isPlain else {
            throw settings.error(
                entry, expecting: "a path that begins with /, of letters, digits, and the signs / - . _ ~")
        }
        commandPath = String(entry.value.reversed().drop { $0 == "/" }.reversed())
    }

    private mutating func takeTLS(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let isUnified = try settings.boolean("admin.portUnification") ?? false
        let isForced = try settings.boolean("admin.forceHttps") ?? false
        let needsCertificate = try settings.boolean("admin.needClientAuth") ?? false
        speech = isForced ? .tls : isUnified ? .either : .plain
        // The keys are those of the quorum, which say nothing to a server that speaks no TLS here.
        guard isOn, speech != .plain else { return }
        var tls = TLSSettings()
        tls.keyStore = try TLSSettings.store("ssl.quorum.keyStore", &settings)
        tls.clientAuthentication = needsCertificate ? .need : .none
        guard tls.keyStore != nil else {
            throw settings.missing(
                "ssl.quorum.keyStore.location", "for TLS on admin.serverPort a file with the server's key")
        }
        if needsCertificate {
            tls.trustStore = try TLSSettings.store("ssl.quorum.trustStore", &settings)
            guard tls.trustStore != nil else {
                throw settings.missing(
                    "ssl.quorum.trustStore.location",
                    "for admin.needClientAuth a file with the certificates that operators' are checked against"
                )
            }
        }
        self.tls = tls
    }
}
