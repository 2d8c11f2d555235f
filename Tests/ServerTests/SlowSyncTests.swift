import Jute
import Testing

@testable import Server

@Suite struct SlowSyncTests {
    /// Any sync takes longer than nothing.
    @Test func aSyncThatTakesTooLongGetsALineAndIsCounted() throws {
        let server = try TestServer { $0.slowSyncMilliseconds = 0 }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        // The reports come to the core behind the reply; asked there, it has them.
        #expect((server.onCore { $0.statistics.slowSyncs } ?? 0) >= 2)
        #expect(server.messages.count(of: "fsync.warningthresholdms is 0") >= 2)
    }

    @Test func aSyncInTimeGetsNone() throws {
        let server = try TestServer { $0.slowSyncMilliseconds = 3_600_000 }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        #expect(server.messages.count(of: "fsync.warningthresholdms") == 0)
    }
}
