import Glibc
import Identifiers
import Jute
import Sessions
import TestSupport
import Testing

@testable import Server

/// What an audit found: the server must outlive it, and forget nothing.
@Suite(.serialized) struct HardTimesTests {
    @Test func whatAConnectionWaitedForIsForgottenWithIt() throws {
        let server = try TestServer()
        let watcher = try TestClient(port: server.port)
        _ = try watcher.call(.create, TestClient.create("/n"))
        let padded = TestClient.watch("/n") + [UInt8](repeating: 0, count: 1000)
        for _ in 0..<60 {
            let client = try TestClient(port: server.port)
            for _ in 0..<20 {
                client.queue(OperationCode.setData.rawValue, TestClient.set("/n", "1"))
                client.queue(OperationCode.getData.rawValue, padded)
            }
            client.flush()
            client.hangUp()
        }
        _ = try watcher.call(.setData, TestClient.set("/n", "2"))
        var left = server.onCore { [$0.outstandingByteCount, $0.deferredCount] }
        for _ in 0..<100 where left != [0, 0] {
            usleep(20_000)
            left = server.onCore { [$0.outstandingByteCount, $0.deferredCount] }
        }
        #expect(left == [0, 0])
    }

    @Test func aWriteBehindTheProposedEndOfItsSessionIsRefused() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        let id = try #require(client.response?.sessionID)
        server.onCore { $0.sessions.beginClosing(id) }
        let reply = try client.call(.create, TestClient.create("/left-behind", flags: 1))
        #expect(reply.error == ErrorCode.sessionExpired.rawValue)
    }

    @Test func aLoopThatStoodStillExpiresNobodyWhoSpokeMeanwhile() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port, timeout: 400)
        _ = try client.call(.create, TestClient.create("/mine", flags: 1))
        client.queue(OperationCode.getData.rawValue, TestClient.watch("/mine"))
        server.server.core.perform { _ in usleep(1_000_000) }
        usleep(300_000)
        client.flush()
        #expect(try client.readReply().error == 0)
        #expect(try client.call(.exists, TestClient.watch("/mine")).error == 0)
    }

    @Test func namesThatAClientPilesUpDoNotEndTheServer() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        for number in 0..<4 {
            var auth: [UInt8] = []
            AuthRequest.encode(
                scheme: "digest",
                data: [UInt8](repeating: UInt8(97 + number), count: 900_000) + Array(":x".utf8),
                into: &auth)
            _ = try client.call(.auth, xid: -4, auth)
        }
        var body: [UInt8] = []
        let mine = AccessEntry(.all, Identity(scheme: "auth", id: ""))
        CreateRequest.encode("/a", data: [], acl: [mine], flags: 0, into: &body)
        #expect(try client.call(.create, body).error == ErrorCode.invalidACL.rawValue)
        #expect(try client.call(.create, TestClient.create("/b")).error == 0)
    }

    @Test func apachesDataIsNotTakenForNoData() throws {
        let place = try TemporaryDirectory()
        let directory = place.appending("data")
        mkdir(directory, 0o755)
        mkdir(directory + "/version-2", 0o755)
        close(open(directory + "/version-2/log.101", O_CREAT | O_WRONLY, 0o644))
        do {
            _ = try TestServer(on: place)
            Issue.record("the server started empty")
        } catch let error as StartError {
            #expect(error.exitCode == .storage)
            #expect("\(error)".contains(directory + "/version-2/log.101"))
        }
    }
}
