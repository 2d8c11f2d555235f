import DataTree

/// How clients prove who they are, and who must.
package struct AuthenticationSettings: SettingsGroup {
    /// What clients may be known by.
    package var schemes: AuthenticationSchemes = [.ip, .digest]
    package var digestAlgorithm = DigestAlgorithm.sha1
    /// A digest is proved by a password as it is, so only where nobody can listen: through TLS.
    package var requiresTLSForDigest = false
    /// The digest of the identity that may do everything, `name:digest`.
    package var superDigest: Secret?
    /// The subject of the certificate to whose holder nothing is forbidden.
    package var certificateSuperUser: String?
    /// An id of `sasl` entries that means every SASL user.
    package var anySASLUser: String?
    package var ensembleNames: [String] = []
    /// SASL users to whom nothing is forbidden.
    package var saslSuperUsers: [String] = []
    /// Who may log in by SASL; nil without a JAAS file.
    package var saslUsers: SASLUsers?
    /// A client whose SASL login fails may go on without.
    package var allowsFailedSASLClients = false
    /// Schemes of which a client must have proved one before it may ask anything; empty asks for none.
    package var requiredSchemes: [String] = []
    /// A session in which somebody proved who he is can be resumed only by him.
    package var bindsSessions = false

    package init() {}

    var requiresSASL: Bool { requiredSchemes.contains("sasl") }

    package var rules: AuthenticationRules {
        var rules = AuthenticationRules()
        rules.schemes = schemes
        rules.digestAlgorithm = digestAlgorithm
        rules.superDigest = superDigest?.revealed
        rules.certificateSuperUser = certificateSuperUser
        rules.anySASLUser = anySASLUser
        rules.ensembleNames = ensembleNames
        return rules
    }

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        try takeDigest(&settings)
        try takeProviders(&settings)
        certificateSuperUser = settings.text("X509AuthenticationProvider.superUser")
        anySASLUser = settings.text("letAnySaslUserDoX")
        ensembleNames = Self.words(settings.text("ensembleAuthName") ?? "")
        for key in settings.keys(beginningWith: "superUser")
        where key == "superUser" || key.hasPrefix("superUser.") {
            if let name = settings.text(key), !name.isEmpty { saslSuperUsers.append(name) }
        }
        try takeLogins(&settings)
        if let allows = try settings.boolean("allowSaslFailedClients") { allowsFailedSASLClients = allows }
        if let binds = try settings.boolean("session.bindAuth") { bindsSessions = binds }
        try takeRequiredSchemes(&settings)
    }

    /// The words of a list with commas between them.
    private static func words(_ list: String) -> [String] {
        list.split(separator: ",")
            .map { String($0.trimmingPrefix(while: \.isWhitespace)) }
            .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }
            .filter { !$0.isEmpty }
    }

    private mutating func takeDigest(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let enabled = try settings.boolean("DigestAuthenticationProvider.enabled"), !enabled {
            schemes.remove(.digest)
        }
        superDigest = settings.secret("DigestAuthenticationProvider.superDigest")
        if let entry = settings.take("DigestAuthenticationProvider.digestAlg") {
            guard let algorithm = DigestAlgorithm(javaName: entry.value) else {
                let names = DigestAlgorithm.names.joined(separator: ", ")
                throw settings.error(entry, expecting: "one of \(names)")
            }
            digestAlgorithm = algorithm
        }
        guard let entry = settings.peek("DigestAuthenticationProvider.requireTLS"),
            let requires = try settings.boolean("DigestAuthenticationProvider.requireTLS")
        else { return }
        guard !requires || Self.speaksTLS(settings) else {
            throw settings.error(
                entry, "needs a port that speaks TLS (secureClientPort, client.portUnification)")
        }
        requiresTLSForDigest = requires
    }

    /// Whether clients can connect by TLS.
    private static func speaksTLS(_ settings: SettingsReader) -> Bool {
        settings.peek("secureClientPort") != nil
            || settings.peek("client.portUnification")?.value.lowercased() == "true"
    }

    // MARK: Providers

    private static let package = "org.apache.zookeeper.server.auth."

    /// Apache's classes, by the part of the name behind the package.
    private static let providers: KeyValuePairs<String, AuthenticationSchemes> = [
        "DigestAuthenticationProvider": .digest, "IPAuthenticationProvider": .ip,
        "SASLAuthenticationProvider": .sasl, "X509AuthenticationProvider": .x509,
        "EnsembleAuthenticationProvider": .ensemble,
    ]

    private mutating func takeProviders(_ settings: inout SettingsReader) throws(ConfigurationError) {
        for key in settings.keys(beginningWith: "authProvider.") {
            guard let entry = settings.take(key) else { continue }
            let provider = Self.providers.first { entry.value == Self.package + $0.key }
            guard let provider else {
                let names = Self.providers.map { Self.package + $0.key }.joined(separator: ", ")
                throw settings.error(
                    entry, expecting: "one of \(names); classes of one's own cannot be loaded here")
            }
            schemes.insert(provider.value)
        }
        // As with Apache's server: whoever may connect by TLS may be known by a certificate.
        if Self.speaksTLS(settings) { schemes.insert(.x509) }
    }

    private mutating func takeRequiredSchemes(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let required = settings.take("enforce.auth.schemes")
        let enforced = settings.peek("enforce.auth.enabled")
        let isEnforced = try settings.boolean("enforce.auth.enabled") ?? false
        if let entry = settings.peek("sessionRequireClientSASLAuth"),
            try settings.boolean("sessionRequireClientSASLAuth") ?? false
        {
            guard schemes.contains(.sasl) else {
                throw settings.error(entry, "needs authProvider.1=\(Self.package)SASLAuthenticationProvider")
            }
            requiredSchemes = ["sasl"]
            return
        }
        guard isEnforced, let enforced else { return }
        requiredSchemes = Self.words(required?.value ?? "")
        guard let required, !requiredSchemes.isEmpty else {
            throw settings.error(enforced, "needs enforce.auth.schemes, such as digest,sasl")
        }
        let rules = rules
        if let unknown = requiredSchemes.first(where: { !rules.knows($0) }) {
            throw settings.error(
                required,
                "the scheme \(LogText.escaped(unknown)) is not there; expected ip, digest, or one whose authProvider is set"
            )
        }
    }
}
