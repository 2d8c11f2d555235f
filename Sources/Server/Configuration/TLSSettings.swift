/// TLS for clients: where it is spoken, with which certificates, and who is let in.
package struct TLSSettings: SettingsGroup, Equatable {
    package enum Version: Int, Comparable, Sendable {
        case v12 = 12
        case v13 = 13

        package static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }

    package enum ClientAuthentication: Equatable, Sendable {
        /// Clients are not asked for certificates.
        case none
        /// A client may bring a certificate; a bad one ends the connection.
        case want
        case need
    }

    /// The port that speaks TLS alone; nil is none.
    package var port: Int?
    /// Nil is every address.
    package var address: String?
    /// The plain port speaks TLS to those who begin with it.
    package var unifiesPorts = false
    package var keyStore: StoreFile?
    package var trustStore: StoreFile?
    package var clientAuthentication = ClientAuthentication.need
    /// A client's certificate must be made out to the address that it connects from.
    package var verifiesClientAddress = false
    package var versions = Version.v12...Version.v13
    package var cipherSuites = CipherSuite.standard
    /// How long a handshake may take, and how long a unified port waits for the first byte.
    package var handshakeMilliseconds = 5000
    /// Handshakes at a time; nil is no limit.
    package var handshakeCountMax: Int?

    package init() {}

    /// Whether any port speaks TLS.
    package var isUsed: Bool { port != nil || unifiesPorts }

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        try takePorts(&settings)
        keyStore = try Self.store("ssl.keyStore", &settings)
        trustStore = try Self.store("ssl.trustStore", &settings)
        try takeClientRules(&settings)
        try takeProtocol(&settings)
        if let milliseconds = try settings.integer(
            "ssl.handshakeDetectionTimeoutMillis", in: 1...3_600_000, unit: "milliseconds")
        {
            handshakeMilliseconds = milliseconds
        }
        if let most = try settings.integer(
            "outstandingHandshake.limit", in: -1...1_000_000, unit: "handshakes"), most > 0
        {
            handshakeCountMax = most
        }
        try Self.refuseWhatIsNotHere(&settings)
        guard isUsed else { return }
        if keyStore == nil {
            throw settings.missing("ssl.keyStore.location", "a file with the server's key and certificates")
        }
        if trustStore == nil, clientAuthentication != .none {
            throw settings.missing(
                "ssl.trustStore.location", "a file with the certificates that clients' are checked against")
        }
    }

    private mutating func takePorts(_ settings: inout SettingsReader) throws(ConfigurationError) {
        port = try settings.integer("secureClientPort", in: 0...65_535, unit: "a TCP port")
        if let entry = settings.take("secureClientPortAddress"), !entry.value.isEmpty {
            guard port != nil else {
                throw settings.error(entry, "has no meaning without secureClientPort")
            }
            address = entry.value
        }
        if let unifies = try settings.boolean("client.portUnification") { unifiesPorts = unifies }
    }

    // MARK: Files

    private static let kinds: KeyValuePairs<String, StoreFile.Kind?> = [
        "": nil, "PEM": .pem, "PKCS12": .pkcs12, "JKS": .jks, "BCFKS": .bcfks,
    ]

    /// The file that `prefix.location` names; nil if it names none.
    static func store(
        _ prefix: String, _ settings: inout SettingsReader
    ) throws(ConfigurationError) -> StoreFile? {
        let password = settings.secret(prefix + ".password") ?? Secret("")
        let passwordPath = settings.text(prefix + ".passwordPath").flatMap { $0.isEmpty ? nil : $0 }
        let type = settings.take(prefix + ".type")
        guard let location = settings.take(prefix + ".location"), !location.value.isEmpty else { return nil }
        let kind: StoreFile.Kind
        if let type, !type.value.isEmpty {
            guard let named = kinds.first(where: { $0.key == type.value.uppercased() })?.value else {
                throw settings.error(type, expecting: "PEM or PKCS12")
            }
            kind = named
        } else {
            guard let read = StoreFile.Kind(fileName: location.value) else {
                throw settings.error(
                    location,
                    "the file's kind cannot be told from its name, which ends neither in .pem nor in "
                        + ".p12; expected \(prefix).type, PEM or PKCS12")
            }
            kind = read
        }
        let file = StoreFile(path: location.value, kind: kind, password: password, passwordPath: passwordPath)
        if kind == .jks || kind == .bcfks { throw settings.error(location, file.javaOnly.problem) }
        return file
    }

    // MARK: Clients

    private mutating func takeClientRules(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let entry = settings.take("ssl.clientAuth") {
            switch entry.value.lowercased() {
            case "none": clientAuthentication = .none
            case "want": clientAuthentication = .want
            case "need", "": clientAuthentication = .need
            default: throw settings.error(entry, expecting: "none, want or need")
            }
        }
        // The first is about the servers that a client connects to, and switches off the second.
        let verifiesAtAll = try settings.boolean("ssl.hostnameVerification") ?? true
        let verifiesClients = try settings.boolean("ssl.clientHostnameVerification") ?? false
        verifiesClientAddress = verifiesAtAll && verifiesClients
    }

    // MARK: Protocol

    /// Versions and suites, whose keys begin with `prefix`.
    mutating func takeProtocol(
        _ settings: inout SettingsReader, prefix: String = "ssl"
    ) throws(ConfigurationError) {
        let names: [String: Version] = ["TLSv1.2": .v12, "TLSv1.3": .v13]
        if let entry = settings.take(prefix + ".protocol"), !["", "TLS"].contains(entry.value) {
            guard let highest = names[entry.value] else {
                throw settings.error(entry, expecting: "TLSv1.3, TLSv1.2 or TLS")
            }
            versions = .v12...highest
        }
        let listed = settings.take(prefix + ".enabledProtocols")
        if let entry = listed, !entry.value.isEmpty {
            var all: [Version] = []
            for name in entry.value.split(separator: ",") {
                guard let version = names[name.trimmed] else {
                    throw settings.error(entry, expecting: "TLSv1.3, TLSv1.2, or both with a comma between")
                }
                all.append(version)
            }
            guard let least = all.min(), let most = all.max() else {
                throw settings.error(entry, expecting: "TLSv1.3, TLSv1.2, or both with a comma between")
            }
            versions = least...most
        }
        guard let suites = settings.take(prefix + ".ciphersuites"), !suites.value.isEmpty else { return }
        try take(suites: suites, &settings)
    }

    private mutating func take(
        suites entry: Setting, _ settings: inout SettingsReader
    ) throws(ConfigurationError) {
        let known = CipherSuite.all.map(\.name).joined(separator: ", ")
        cipherSuites = []
        for name in entry.value.split(separator: ",") {
            guard let suite = CipherSuite(named: name.trimmed) else {
                throw settings.error(
                    entry,
                    "\"\(LogText.escaped(name.trimmed))\" is no cipher suite of this server; it has \(known)")
            }
            cipherSuites.append(suite)
        }
        // A version without a suite of its own cannot be spoken.
        let spoken = [Version.v12, .v13].filter { version in
            versions.contains(version) && cipherSuites.contains { $0.isOfTLS13 == (version == .v13) }
        }
        guard let least = spoken.first, let most = spoken.last else {
            throw settings.error(entry, "none of these suites belongs to a version that is enabled")
        }
        versions = least...most
        if most == .v13, cipherSuites.filter(\.isOfTLS13).count < CipherSuite.all.filter(\.isOfTLS13).count {
            settings.warn(
                entry, "TLS 1.3 keeps all three of its suites; a list chooses among those of TLS 1.2 only")
        }
    }

    // MARK: What others have

    private static func refuseWhatIsNotHere(
        _ settings: inout SettingsReader
    ) throws(ConfigurationError) {
        // What a server without it would be less safe for.
        for key in ["ssl.crl", "ssl.ocsp", "ssl.tcnative.ocsp"] {
            let entry = settings.peek(key)
            guard let entry, try settings.boolean(key) == true else { continue }
            throw settings.error(
                entry,
                "revocation is not checked here: give clients certificates that are valid for a short "
                    + "time, and take a lost one's issuer out of the trust store; expected false, or no such line"
            )
        }
        if let entry = settings.peek("ssl.allowReverseDnsLookup"),
            try settings.boolean("ssl.allowReverseDnsLookup") == true
        {
            throw settings.error(entry, "names are not looked up here; expected false, or no such line")
        }
        if let entry = settings.take("ssl.context.supplier.class") {
            throw settings.error(entry, "a Java class cannot be used here; expected no such line")
        }
        if let entry = settings.take("ssl.authProvider"), !["", "x509"].contains(entry.value) {
            throw settings.error(entry, expecting: "x509")
        }
        // Certificates are always read again when they change; the others choose among Java's libraries.
        for key in ["client.certReload", "fips-mode"] { _ = try settings.boolean(key) }
        for key in ["ssl.sslProvider", "netty.server.earlyDropSecureConnectionHandshakes"] {
            _ = settings.take(key)
        }
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
