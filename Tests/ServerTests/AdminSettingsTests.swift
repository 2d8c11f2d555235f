import Testing

@testable import Server

/// `admin.*`.
@Suite struct AdminSettingsTests {
    private static let basics = "dataDir=/d\nclientPort=1\n"

    private func read(_ text: String) throws -> (configuration: ServerConfiguration, warnings: [String]) {
        try ServerConfiguration.reading(PropertiesText(Self.basics + text), file: "zoo.cfg")
    }

    private func refusal(_ text: String) -> String? {
        do throws(ConfigurationError) {
            _ = try ServerConfiguration.reading(PropertiesText(Self.basics + text), file: "zoo.cfg")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func itIsOffUntilItIsAskedFor() throws {
        let admin = try read("").configuration.admin
        #expect(!admin.isOn)
        #expect(admin == AdminSettings())
    }

    @Test func everyKeyIsTaken() throws {
        let (configuration, warnings) = try read(
            """
            admin.enableServer=true
            admin.serverAddress=127.0.0.1
            admin.serverPort=9090
            admin.idleTimeout=1500
            admin.commandURL=/ops/zk/
            admin.httpVersion=11
            admin.rateLimiterIntervalInMS=50
            admin.snapshot.enabled=false
            admin.restore.enabled=no
            """)
        var expected = AdminSettings()
        expected.isOn = true
        expected.address = "127.0.0.1"
        expected.port = 9090
        expected.idleMilliseconds = 1500
        expected.commandPath = "/ops/zk"
        expected.rateLimitMilliseconds = 50
        expected.offersSnapshots = false
        expected.offersRestoring = false
        #expect(configuration.admin == expected)
        #expect(warnings == [])
    }

    @Test func anotherVersionOfHTTPGetsALine() throws {
        #expect(try read("admin.httpVersion=20").warnings.count == 1)
    }

    @Test(arguments: [
        "admin.serverPort=65536", "admin.idleTimeout=0", "admin.commandURL=commands", "admin.commandURL=/a b",
        "admin.commandURL=/a?b", "admin.commandURL=/%41", "admin.httpVersion=1.1", "admin.enableServer=1",
        "admin.rateLimiterIntervalInMS=-1", "admin.snapshot.enabled=maybe", "admin.forceHttps=on",
    ])
    func aBadValueIsNamedWithFileAndLine(line: String) throws {
        let key = try #require(line.split(separator: "=").first)
        #expect(refusal(line)?.hasPrefix("zoo.cfg, line 3: \(key): ") == true, "\(refusal(line) ?? "")")
    }

    @Test func theRootMayBeTheCommandsPath() throws {
        #expect(try read("admin.commandURL=/").configuration.admin.commandPath == "")
    }

    @Test func tlsTakesTheQuorumsStores() throws {
        let stores =
            "ssl.quorum.keyStore.location=/k.pem\nssl.quorum.keyStore.password=p\n"
            + "ssl.quorum.trustStore.location=/t.p12\n"
        let on = "admin.enableServer=true\nadmin.forceHttps=true\n"
        let admin = try read(on + stores).configuration.admin
        #expect(admin.speech == .tls)
        #expect(admin.tls?.keyStore?.path == "/k.pem")
        #expect(admin.tls?.clientAuthentication == TLSSettings.ClientAuthentication.none)
        #expect(!admin.isProved)
        let proved = try read(on + "admin.needClientAuth=true\n" + stores).configuration.admin
        #expect(proved.tls?.trustStore?.path == "/t.p12")
        #expect(proved.isProved)
        let unified = try read("admin.enableServer=true\nadmin.portUnification=true\n" + stores)
        #expect(unified.configuration.admin.speech == .either)
        #expect(refusal(on)?.contains("ssl.quorum.keyStore.location") == true)
        let noTrust = on + "admin.needClientAuth=true\nssl.quorum.keyStore.location=/k.pem"
        #expect(refusal(noTrust)?.contains("ssl.quorum.trustStore.location") == true)
        // To a server without it they say nothing, whatever their kind.
        #expect(try read("ssl.quorum.keyStore.location=/k.jks").warnings == [])
    }

    @Test func aPortForEverybodyIsOpenUnlessCertificatesAreNeeded() throws {
        let local = "clientPortAddress=127.0.0.1\n"
        let on = local + "admin.enableServer=true\n"
        #expect(try read(local).configuration.openSurfaces == [])
        #expect(try read(on).configuration.openSurfaces == [.adminPort])
        #expect(try read(on + "admin.serverAddress=127.0.0.1").configuration.openSurfaces == [])
        let tls = "admin.forceHttps=true\nssl.quorum.keyStore.location=/k.pem\n"
        #expect(try read(on + tls).configuration.openSurfaces == [.adminPort])
        let proved = tls + "admin.needClientAuth=true\nssl.quorum.trustStore.location=/t.pem\n"
        #expect(try read(on + proved).configuration.openSurfaces == [])
        #expect(refusal(on + "security.profile=secure")?.contains("admin port") == true)
    }

    @Test func whatWasGivenIsKeptWithoutItsSecrets() throws {
        let given = try read("ssl.keyStore.password=canary\nnobodys.key=1").configuration.given
        #expect(given.map(\.writtenKey) == ["dataDir", "clientPort", "ssl.keyStore.password", "nobodys.key"])
        #expect(given.map(\.value) == ["/d", "1", "***", "1"])
    }
}
