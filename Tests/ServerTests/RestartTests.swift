import Glibc
import Jute
import Testing

@testable import Server

/// What stands after a server was stopped and started again.
@Suite(.serialized) struct RestartTests {
    @Test func dataAndSessionsSurviveAStop() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        let created = try client.call(.create, TestClient.create("/a", "kept"))
        _ = try client.call(.create, TestClient.create("/e", flags: 1))
        let session = try #require(client.response)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port, resuming: session, lastZxidSeen: created.zxid)
        #expect(again.response?.sessionID == session.sessionID)
        #expect(try TestClient.data(try again.call(.getData, TestClient.watch("/a"))) == "kept")
        #expect(try again.call(.exists, TestClient.watch("/e")).error == 0)
        #expect(try again.call(.setData, TestClient.set("/a", "new")).zxid > created.zxid)
    }

    @Test func aServerStartsFromItsSnapshot() throws {
        let first = try TestServer { $0.snapshotRecordCount = 300 }
        let client = try TestClient(port: first.port)
        for index in 0..<1000 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(index)", "value \(index)"))
        }
        client.flush()
        for _ in 0..<1000 { #expect(try client.readReply().error == 0) }
        try waitForSnapshot(in: first.directory)
        // Written while the next snapshot may be on its way.
        for index in 0..<1000 {
            client.queue(OperationCode.setData.rawValue, TestClient.set("/n\(index)", "changed \(index)"))
        }
        client.flush()
        for _ in 0..<1000 { #expect(try client.readReply().error == 0) }
        let session = try #require(client.response)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port, resuming: session)
        for index in stride(from: 0, to: 1000, by: 37) {
            let reply = try again.call(.getData, TestClient.watch("/n\(index)"))
            #expect(try TestClient.data(reply) == "changed \(index)")
        }
    }

    @Test func aSecondServerOnTheSameDirectoryIsRefused() throws {
        let first = try TestServer()
        do {
            _ = try TestServer(on: first.place)
            Issue.record("a second server started")
        } catch let error as StartError {
            #expect(error.exitCode == .storage)
            #expect(error.description.contains("locked"))
        }
    }

    private func waitForSnapshot(in directory: String) throws {
        for _ in 0..<500 {
            var pattern = glob_t()
            defer { globfree(&pattern) }
            if glob(directory + "/snap/snap-*.zks", 0, nil, &pattern) == 0 { return }
            usleep(10_000)
        }
        Issue.record("no snapshot after five seconds")
    }
}
