import Testing

@testable import Server

/// What a start says is open, and what `security.profile=secure` refuses.
@Suite struct OpenSurfaceTests {
    private static let safe = """
        dataDir=/data
        secureClientPort=2281
        ssl.keyStore.location=/keys/server.pem
        ssl.trustStore.location=/keys/ca.pem

        """

    private func surfaces(_ text: String) throws -> [OpenSurface] {
        try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg").configuration.openSurfaces
    }

    private func refusal(_ text: String) -> String? {
        do throws(ConfigurationError) {
            _ = try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg")
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func zooKeepersDefaultsAreOpenToClientsThatProveNothing() throws {
        #expect(try surfaces("dataDir=/data\nclientPort=2181") == [.plainPort, .unprovedClients])
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
    func whatOnlyThisMachineReachesIsNotOpen(address: String) throws {
        let text = "dataDir=/data\nclientPort=2181\nclientPortAddress=\(address)\nskipACL=yes\n"
        #expect(try surfaces(text + "4lw.commands.whitelist=*") == [])
    }

    @Test func eachSurfaceIsNamed() throws {
        let text = "dataDir=/data\nclientPort=2181\nskipACL=yes\n4lw.commands.whitelist=*\n"
        let admin = "admin.enableServer=true\n"
        let metrics =
            "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n"
        #expect(try surfaces(text + admin + metrics) == OpenSurface.allCases)
    }

    @Test func certificatesThatAreNeededAreProof() throws {
        #expect(try surfaces(Self.safe) == [])
        #expect(try surfaces(Self.safe + "ssl.clientAuth=want") == [.unprovedClients])
        #expect(try surfaces(Self.safe + "clientPort=2181") == [.plainPort, .unprovedClients])
        #expect(try surfaces(Self.safe + "clientPort=2181\nclientPortAddress=127.0.0.1") == [])
    }

    @Test func requiredSchemesAreProof() throws {
        let text = Self.safe + "ssl.clientAuth=none\nenforce.auth.enabled=true\nenforce.auth.schemes=digest"
        #expect(try surfaces(text) == [])
    }

    @Test func theSecureProfileTakesNothingOpen() {
        #expect(refusal(Self.safe + "security.profile=secure") == nil)
        let open = "dataDir=/data\nclientPort=2181\nsecurity.profile="
        #expect(refusal(open + "compatible") == nil)
        let said = refusal(open + "secure") ?? ""
        #expect(said.hasPrefix("zoo.cfg, line 3: security.profile: "), "\(said)")
        #expect(said.contains("without TLS"), "\(said)")
        let word = refusal(Self.safe + "4lw.commands.whitelist=*\nsecurity.profile=secure") ?? ""
        #expect(word.contains("4lw.commands.whitelist"), "\(word)")
        #expect(refusal(open + "paranoid")?.contains("compatible") == true)
    }
}
