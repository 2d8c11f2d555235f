import DataTree
import Glibc
import Testing

@testable import Server

struct AuthenticationSettingsTests {
    private static func read(_ text: String) throws(ConfigurationError) -> (
        settings: AuthenticationSettings, warnings: [String]
    ) {
        let (configuration, warnings) = try ServerConfiguration.reading(
            PropertiesText("dataDir=/d\nclientPort=1\n" + text), file: "zoo.cfg")
        return (configuration.authentication, warnings)
    }

    private static func message(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try read(text)
            return "taken"
        } catch {
            return error.description
        }
    }

    @Test func withoutSettingsOnlyAddressesAndDigestsAreKnown() throws {
        let (settings, warnings) = try Self.read("")
        #expect(settings.schemes == [.ip, .digest] && settings.digestAlgorithm == .sha1)
        #expect(settings.requiredSchemes == [] && settings.saslUsers == nil && !settings.bindsSessions)
        #expect(warnings == [])
    }

    @Test func apachesProvidersAreTakenByTheirNames() throws {
        let names = ["SASL", "X509", "Ensemble", "IP", "Digest"]
        var text = "DigestAuthenticationProvider.enabled=false\n"
        for (number, name) in names.enumerated() {
            text += "authProvider.\(number)=org.apache.zookeeper.server.auth.\(name)AuthenticationProvider\n"
        }
        #expect(try Self.read(text).settings.schemes == [.ip, .digest, .sasl, .x509, .ensemble])
        #expect(try Self.read("DigestAuthenticationProvider.enabled=false").settings.schemes == .ip)
    }

    @Test func whereTLSIsSpokenCertificatesAreAScheme() throws {
        for key in ["secureClientPort=2", "client.portUnification=true"] {
            #expect(try Self.takenSchemes(key) == [.ip, .digest, .x509])
        }
        #expect(try Self.takenSchemes("client.portUnification=false") == [.ip, .digest])
    }

    @Test func digestsMayBeKeptToTLSWhereItIsSpoken() throws {
        let key = "DigestAuthenticationProvider.requireTLS="
        #expect(try !Self.taken("secureClientPort=2").requiresTLSForDigest)
        #expect(try Self.taken("secureClientPort=2\n\(key)true").requiresTLSForDigest)
        #expect(try Self.taken("client.portUnification=true\n\(key)true").requiresTLSForDigest)
        #expect(try !Self.taken(key + "false").requiresTLSForDigest)
        #expect(Self.message(key + "true").contains("\(key.dropLast()): needs a port that speaks TLS"))
    }

    private static func takenSchemes(_ text: String) throws(ConfigurationError) -> AuthenticationSchemes {
        try taken(text).schemes
    }

    /// What this group alone makes of settings.
    private static func taken(_ text: String) throws(ConfigurationError) -> AuthenticationSettings {
        var reader = SettingsReader(file: "zoo.cfg", PropertiesText(text))
        var settings = AuthenticationSettings()
        try settings.take(&reader)
        return settings
    }

    @Test func otherProvidersAreRefusedWithTheNamesOfThoseThatAreThere() {
        for name in ["com.example.Mine", "org.apache.zookeeper.server.auth.KeyAuthenticationProvider", ""] {
            let message = Self.message("authProvider.1=\(name)")
            #expect(
                message.hasPrefix("zoo.cfg, line 3: authProvider.1: \"\(name)\" cannot be used"), "\(message)"
            )
            #expect(message.contains("auth.SASLAuthenticationProvider"))
        }
    }

    @Test func aDigestAlgorithmHasOneOfJavasNames() throws {
        #expect(
            try Self.read("DigestAuthenticationProvider.digestAlg=sha-512").settings.digestAlgorithm
                == .sha512)
        #expect(
            Self.message("DigestAuthenticationProvider.digestAlg=CRC32").contains(
                "line 3: DigestAuthenticationProvider.digestAlg: \"CRC32\" cannot be used; expected one of MD5"
            ))
    }

    @Test func superusersAreNamedOnceOrNumbered() throws {
        let (settings, warnings) = try Self.read(
            """
            superUser=ann
            superUser.2=bob
            superUserX=eve
            X509AuthenticationProvider.superUser=CN=root
            DigestAuthenticationProvider.superDigest=super:canary
            letAnySaslUserDoX=all
            ensembleAuthName = a, b ,
            """)
        #expect(settings.saslSuperUsers == ["ann", "bob"] && warnings.count == 1)
        #expect(settings.rules.certificateSuperUser == "CN=root" && settings.rules.anySASLUser == "all")
        #expect(settings.rules.superDigest == "super:canary" && settings.rules.ensembleNames == ["a", "b"])
        #expect(!"\(settings)".contains("canary"))
    }

    // MARK: What is required

    private static let sasl = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n"

    @Test func schemesCanBeRequired() throws {
        let enforced = "enforce.auth.enabled=true\nenforce.auth.schemes= digest , sasl\n"
        #expect(try Self.read(Self.sasl + enforced).settings.requiredSchemes == ["digest", "sasl"])
        #expect(try Self.read("enforce.auth.schemes=digest\n").settings.requiredSchemes == [])
        let required = "sessionRequireClientSASLAuth=true\nenforce.auth.schemes=digest\n"
        #expect(try Self.read(Self.sasl + required).settings.requiredSchemes == ["sasl"])
    }

    @Test func aRequiredSchemeMustBeThere() {
        #expect(
            Self.message("enforce.auth.enabled=true").contains(
                "line 3: enforce.auth.enabled: needs enforce.auth.schemes"))
        let unknown = Self.message("enforce.auth.enabled=true\nenforce.auth.schemes=digest,sasl")
        #expect(unknown.hasPrefix("zoo.cfg, line 4: enforce.auth.schemes: the scheme sasl is not there"))
        #expect(
            Self.message("sessionRequireClientSASLAuth=true").contains(
                "line 3: sessionRequireClientSASLAuth: needs authProvider"))
    }

    // MARK: JAAS

    private static func reading(_ jaas: String, _ more: String = "") throws -> (
        AuthenticationSettings, [String], String
    ) {
        let path = "/tmp/aviary-jaas-\(UInt64.random(in: 0 ... .max))"
        let file = try #require(fopen(path, "w"))
        fputs(jaas, file)
        fclose(file)
        defer { unlink(path) }
        do throws(ConfigurationError) {
            let (settings, warnings) = try read("java.security.auth.login.config=\(path)\n\(more)")
            return (settings, warnings, "")
        } catch {
            return (AuthenticationSettings(), [], error.description.replacing(path, with: "FILE"))
        }
    }

    private static let module = "org.apache.zookeeper.server.auth.DigestLoginModule required"

    @Test func usersComeFromTheSectionThatIsNamed() throws {
        let text =
            "Server { \(Self.module) user_bob=\"b\" user_super=\"s\"; }; Other { \(Self.module) user_ann=\"a\"; };"
        #expect(try Self.reading(text).0.saslUsers == SASLUsers(passwords: ["bob": "b", "super": "s"]))
        #expect(
            try Self.reading(text, "sasl.serverconfig=Other").0.saslUsers
                == SASLUsers(passwords: ["ann": "a"]))
        #expect(
            try Self.reading(text, "SASLAuthenticationProvider.superPassword=t").0.saslUsers
                == SASLUsers(passwords: ["bob": "b", "super": "t"]))
        let missing = try Self.reading(text, "sasl.serverconfig=None")
        #expect(
            missing.0.saslUsers == nil && missing.1.count == 1
                && missing.1[0].contains("no section named None"))
    }

    @Test func aFaultyFileIsNamedWithItsLine() throws {
        #expect(
            try Self.reading("Server {\n \(Self.module) user_bob;\n};").2
                == "FILE, line 2: \";\" cannot stand here; expected =")
        #expect(
            try Self.reading("Server { com.sun.security.auth.module.Krb5LoginModule required; };").2.contains(
                "Kerberos is not offered"))
        #expect(
            Self.message("java.security.auth.login.config=/none/such").contains(
                "line 3: java.security.auth.login.config: /none/such: there is no such file"))
    }
}
