import Glibc
import Logging
import Server
import TestSupport
import Testing

@testable import Admin

/// The page for Prometheus in front of a server in this process.
@Suite(.serialized) struct MetricsPortTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private static func configuration(_ place: TemporaryDirectory) -> ServerConfiguration {
        var configuration = ServerConfiguration(dataDirectory: place.appending("data"), clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        configuration.segmentByteCount = 4 << 20
        configuration.metrics.isOn = true
        configuration.metrics.address = "127.0.0.1"
        configuration.metrics.port = 0
        return configuration
    }

    private static func line(_ name: String, _ port: Int) -> String? {
        Asker.get("/metrics", port: port)?.split(whereSeparator: \.isNewline).map(String.init).first {
            $0.hasPrefix(name + " ")
        }
    }

    @Test func thePageIsThereWhileTheServerIs() async throws {
        try await onOwnThread {
            let place = try TemporaryDirectory()
            let configuration = Self.configuration(place)
            let ports = try OperatorPorts(configuration, logger: Self.logger)
            let port = try #require(ports.metricsPorts.first)
            #expect(Asker.get("/metrics", port: port)?.hasPrefix("HTTP/1.1 503") == true)
            let server = try RunningServer(configuration, logger: Self.logger)
            ports.observe(server)
            #expect(Self.line("znode_count", port) == "znode_count 5")
            #expect(Self.line("process_max_fds", port) != nil)
            server.requestStop()
            #expect(server.runUntilEnd(beforeStopping: ports.stop) == .stopped)
            #expect(Asker.get("/metrics", port: port) ?? "" == "")
        }
    }

    @Test func theCoreIsAskedAFewTimesASecondHoweverManyAsk() async throws {
        try await onOwnThread {
            let place = try TemporaryDirectory()
            var configuration = Self.configuration(place)
            configuration.metrics.showsProcess = false
            let ports = try OperatorPorts(configuration, logger: Self.logger)
            let port = try #require(ports.metricsPorts.first)
            let server = try RunningServer(configuration, logger: Self.logger)
            ports.observe(server)
            #expect(Self.line("process_max_fds", port) == nil)
            var seen: Set<String> = []
            let start = ContinuousClock.now
            for _ in 0..<200 { seen.insert(Self.line("uptime", port) ?? "none") }
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            #expect(!seen.contains("none") && Double(seen.count) <= milliseconds / 200 + 2)
            usleep(250_000)
            #expect(!seen.contains(Self.line("uptime", port) ?? ""))
            server.requestStop()
            #expect(server.runUntilEnd(beforeStopping: ports.stop) == .stopped)
        }
    }
}
