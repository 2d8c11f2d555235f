import Testing

@testable import Server

/// The keys that begin with `ssl.`, and the ports that speak TLS.
@Suite struct TLSSettingsTests {
    private static let start = "dataDir=/d\nclientPort=1\n"
    private static let stores = "ssl.keyStore.location=/k.pem\nssl.trustStore.location=/t.p12\n"
    private static let secure = start + "secureClientPort=2\n" + stores

    @Test func withoutAPortForItThereIsNoTLS() throws {
        #expect(!(try read(Self.start + Self.stores).tls.isUsed))
        #expect(try read(Self.secure).tls.isUsed)
        #expect(try read(Self.start + Self.stores + "client.portUnification=true").tls.isUsed)
    }

    @Test func theDefaultsAreApaches() throws {
        let tls = try read(Self.secure).tls
        #expect(tls.port == 2 && tls.address == nil)
        #expect(tls.clientAuthentication == .need && !tls.verifiesClientAddress)
        #expect(tls.versions == .v12 ... .v13)
        #expect(tls.handshakeMilliseconds == 5000 && tls.handshakeCountMax == nil)
        #expect(tls.keyStore == StoreFile(path: "/k.pem", kind: .pem))
        #expect(tls.trustStore == StoreFile(path: "/t.p12", kind: .pkcs12))
    }

    @Test func theSecurePortMayBeTheOnlyOne() throws {
        let settings = try read("dataDir=/d\nsecureClientPort=2\nsecureClientPortAddress=::1\n" + Self.stores)
        #expect(settings.clientPort == nil && settings.tls.address == "::1")
        #expect(message("dataDir=/d\n" + Self.stores).contains("clientPort: is missing"))
        #expect(
            message("dataDir=/d\nsecureClientPort=2\nclientPortAddress=::1\n" + Self.stores)
                .contains("clientPortAddress: has no meaning"))
        #expect(message(Self.start + "secureClientPortAddress=::1").contains("has no meaning"))
    }

    @Test func aPortThatSpeaksTLSNeedsItsFiles() {
        #expect(message(Self.start + "secureClientPort=2").contains("ssl.keyStore.location: is missing"))
        let withoutTrust = Self.start + "secureClientPort=2\nssl.keyStore.location=/k.pem\n"
        #expect(message(withoutTrust).contains("ssl.trustStore.location: is missing"))
        #expect(message(withoutTrust + "ssl.clientAuth=none") == "taken")
    }

    @Test func aStoresKindIsWhatIsSaidOrWhatItsNameSays() throws {
        let text = Self.start + "ssl.keyStore.type=pkcs12\nssl.keyStore.location=/k.pem"
        #expect(try read(text).tls.keyStore?.kind == .pkcs12)
        #expect(message(Self.start + "ssl.keyStore.location=/k.pfx").contains("expected ssl.keyStore.type"))
        #expect(message(Self.start + "ssl.keyStore.location=/k.PEM").contains("expected ssl.keyStore.type"))
        #expect(
            message(Self.start + "ssl.keyStore.type=DER\nssl.keyStore.location=/k.pem")
                .contains("expected PEM or PKCS12"))
    }

    @Test func aJavaKeyStoreIsRefusedWithTheWayToConvertIt() {
        for text in ["ssl.keyStore.location=/k.jks", "ssl.trustStore.type=JKS\nssl.trustStore.location=/t"] {
            let message = message(Self.start + text)
            #expect(message.contains("line") && message.contains("keytool -importkeystore -srckeystore"))
        }
    }

    @Test func noMessageAndNoDumpShowsAPassword() throws {
        let text = Self.secure + "ssl.keyStore.password=canary\nssl.trustStore.password=canary\n"
        #expect(try read(text).tls.keyStore?.password.revealed == "canary")
        #expect(!"\(try read(text))".contains("canary"))
        #expect(!message(text + "ssl.clientAuth=x").contains("canary"))
    }

    @Test(arguments: [
        ("ssl.protocol=TLSv1.3", TLSSettings.Version.v12 ... .v13), ("ssl.protocol=TLSv1.2", .v12 ... .v12),
        ("ssl.protocol=TLS", .v12 ... .v13), ("ssl.enabledProtocols=TLSv1.3", .v13 ... .v13),
        ("ssl.enabledProtocols=TLSv1.2, TLSv1.3", .v12 ... .v13),
        ("ssl.protocol=TLSv1.2\nssl.enabledProtocols=TLSv1.3", .v13 ... .v13),
        ("ssl.ciphersuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", .v12 ... .v12),
        ("ssl.ciphersuites=TLS_AES_256_GCM_SHA384", .v13 ... .v13),
    ])
    func theVersionsAreThoseThatWereAskedFor(text: String, versions: ClosedRange<TLSSettings.Version>) throws
    {
        #expect(try read(Self.secure + text).tls.versions == versions)
    }

    @Test(arguments: [
        "ssl.protocol=SSLv3", "ssl.protocol=TLSv1.1", "ssl.enabledProtocols=TLSv1.1,TLSv1.2",
        "ssl.enabledProtocols=,", "ssl.clientAuth=maybe", "ssl.handshakeDetectionTimeoutMillis=0",
        "ssl.ciphersuites=TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ssl.crl=true", "ssl.ocsp=true",
        "ssl.context.supplier.class=a.B", "ssl.authProvider=mine", "ssl.allowReverseDnsLookup=true",
        "ssl.enabledProtocols=TLSv1.3\nssl.ciphersuites=TLS_RSA_WITH_AES_128_GCM_SHA256",
    ])
    func whatCannotBeIsRefusedByLineAndKey(text: String) throws {
        let message = message(Self.secure + text)
        let last = try #require(text.split(separator: "\n").last)
        let key = try #require(last.split(separator: "=").first)
        #expect(message.contains("line \(text.contains("\n") ? 7 : 6): \(key): "), "\(message)")
    }

    @Test func anUnknownSuiteIsAnsweredWithTheListOfThoseThereAre() {
        let message = message(Self.secure + "ssl.ciphersuites=TLS_AES_256_GCM_SHA384,TLS_NOTHING")
        #expect(message.contains("\"TLS_NOTHING\" is no cipher suite"))
        #expect(CipherSuite.all.allSatisfy { message.contains($0.name) })
    }

    @Test func aListThatCannotBeKeptInTLS13IsToldSo() throws {
        let suites = "ssl.ciphersuites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        let warnings = try ServerConfiguration.reading(PropertiesText(Self.secure + suites), file: "f")
            .warnings
        #expect(warnings.count == 1 && warnings[0].contains("TLS 1.3 keeps all three"))
    }

    @Test func namesOfClientsAreVerifiedOnlyIfBothSwitchesSaySo() throws {
        let asked = Self.secure + "ssl.clientHostnameVerification=true\n"
        #expect(try read(asked).tls.verifiesClientAddress)
        #expect(!(try read(asked + "ssl.hostnameVerification=false").tls.verifiesClientAddress))
    }

    @Test func keysThatChooseAmongJavasLibrariesAreTakenInSilence() throws {
        let text =
            Self.secure + "ssl.sslProvider=OPENSSL\nfips-mode=false\nclient.certReload=true\nssl.crl=false"
        #expect(try ServerConfiguration.reading(PropertiesText(text), file: "f").warnings == [])
    }

    private func read(_ text: String) throws(ConfigurationError) -> ServerConfiguration {
        try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg").configuration
    }

    private func message(_ text: String) -> String {
        do throws(ConfigurationError) {
            _ = try read(text)
            return "taken"
        } catch {
            return error.description
        }
    }
}
