import Logging
import Server
import TestSupport
import Testing

@testable import Admin

/// The admin port in front of a server in this process.
@Suite struct AdminServerTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func configuration(_ place: TemporaryDirectory) -> ServerConfiguration {
        var configuration = ServerConfiguration(dataDirectory: place.appending("data"), clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        configuration.segmentByteCount = 4 << 20
        configuration.admin.isOn = true
        configuration.admin.address = "127.0.0.1"
        configuration.admin.port = 0
        configuration.admin.rateLimitMilliseconds = 0
        return configuration
    }

    /// What stands behind the head.
    private static func body(_ path: String, _ port: Int, fields: String = "") -> String {
        let answer = Asker.get(path, port: port, fields: fields) ?? ""
        return answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? answer
    }

    @Test func commandsAreAnsweredFromTheServersStartToItsEnd() async throws {
        try await onOwnThread {
            let place = try TemporaryDirectory()
            let configuration = Self.configuration(place)
            let ports = try OperatorPorts(configuration, logger: Self.logger)
            let port = try #require(ports.adminPort)
            let early = Self.body("/commands/srvr", port)
            #expect(early.contains("This ZooKeeper instance is not currently serving requests"))
            #expect(Self.body("/commands/envi", port).contains("\"error\" : null"))
            let server = try RunningServer(configuration, logger: Self.logger)
            ports.observe(server)
            #expect(Self.body("/commands/srvr", port).contains("\"node_count\" : 5"))
            #expect(Self.body("/commands/lsnp", port).contains("\"zxid\" : \"ffffffffffffffff\""))
            let snapshot = Asker.get(
                "/commands/snap?streaming=false", port: port, fields: "Authorization: ip\r\n")
            #expect(snapshot?.contains("last_zxid: 0x0") == true, "\(snapshot ?? "")")
            #expect(Self.body("/commands/lsnp", port).contains("\"zxid\" : \"0\""))
            server.requestStop()
            #expect(server.runUntilEnd(beforeStopping: ports.stop) == .stopped)
            // Nobody listens any more.
            #expect(Asker.get("/commands/ruok", port: port) ?? "" == "")
        }
    }

    @Test func anEndDoesNotWaitForASnapshotThatIsAskedFor() async throws {
        try await onOwnThread {
            let place = try TemporaryDirectory()
            let configuration = Self.configuration(place)
            let ports = try OperatorPorts(configuration, logger: Self.logger)
            let port = try #require(ports.adminPort)
            let server = try RunningServer(configuration, logger: Self.logger)
            ports.observe(server)
            let asker = Asker(port: port)
            for _ in 0..<20 {
                asker.send(
                    "GET /commands/snapshot HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\n\r\n")
            }
            server.requestStop()
            let start = ContinuousClock.now
            #expect(server.runUntilEnd(beforeStopping: ports.stop) == .stopped)
            #expect(ContinuousClock.now - start < .seconds(8))
            #expect(asker.readToEnd() != nil)
        }
    }
}
