import Identifiers
import Jute
import Sessions
import Testing

@testable import Server

/// Sessions as clients live through them.
@Suite(.serialized) struct SessionLifeTests {
    @Test func aSessionGoesOnOverAnotherConnection() throws {
        let server = try TestServer()
        let first = try TestClient(port: server.port)
        _ = try first.call(.create, TestClient.create("/e", flags: 1))
        let session = try #require(first.response)
        let second = try TestClient(port: server.port, resuming: session)
        #expect(second.response?.sessionID == session.sessionID)
        #expect(try first.readToEnd() == [])
        #expect(try second.call(.exists, TestClient.watch("/e")).error == 0)
        #expect(server.messages.count(of: "closed: its session is used elsewhere") == 1)
    }

    @Test func aWrongPasswordIsRefusedAndTheSessionLives() throws {
        let server = try TestServer()
        let first = try TestClient(port: server.port)
        let session = try #require(first.response)
        var forged = session
        forged.password[0] ^= 1
        let thief = try TestClient(port: server.port, resuming: forged)
        #expect(thief.response == ConnectResponse.refusal(isReadOnly: false))
        #expect(try thief.readToEnd() == [])
        #expect(server.messages.count(of: "a wrong password for \(session.sessionID)") == 1)
        let again = try TestClient(port: server.port, resuming: session)
        #expect(again.response?.sessionID == session.sessionID)
    }

    @Test func anUnknownSessionIsRefused() throws {
        let server = try TestServer()
        var session = try #require(try TestClient(port: server.port).response)
        session.sessionID = SessionID(rawValue: 77)
        session.password = SessionPassword(for: session.sessionID).bytes
        #expect(try TestClient(port: server.port, resuming: session).response?.timeout == 0)
    }

    @Test func aClientThatHasSeenMoreThanTheServerIsClosedWithoutAWord() throws {
        let server = try TestServer()
        let client = try TestClient(rawTo: server.port)
        var body: [UInt8] = []
        ConnectRequest(lastZxidSeen: 1000, timeout: 500).encode(into: &body)
        client.sendFrame(body)
        #expect(try client.readToEnd() == [])
    }

    @Test func timeoutsAreNegotiated() throws {
        let server = try TestServer {
            $0.timeouts = SessionTimeouts(
                tickMilliseconds: 50, minimumMilliseconds: 200, maximumMilliseconds: 900)
        }
        #expect(try TestClient(port: server.port, timeout: 1).response?.timeout == 200)
        #expect(try TestClient(port: server.port, timeout: 700).response?.timeout == 700)
        #expect(try TestClient(port: server.port, timeout: 100_000).response?.timeout == 900)
    }

    @Test func aSilentSessionExpiresWithItsEphemeralNodes() throws {
        let server = try TestServer()
        let watcher = try TestClient(port: server.port, timeout: 1000)
        let silent = try TestClient(port: server.port, timeout: 200)
        _ = try silent.call(.create, TestClient.create("/e", flags: 1))
        #expect(try watcher.call(.exists, TestClient.watch("/e", true)).error == 0)
        #expect(try watcher.readReply().xid == -1)
        #expect(try silent.readToEnd() == [])
        #expect(try watcher.call(.exists, TestClient.watch("/e")).error == -101)
        #expect(server.messages.count(of: "closed: its session expired") == 1)
        #expect(server.messages.count(of: "used elsewhere") == 0)
        let session = try #require(silent.response)
        #expect(try TestClient(port: server.port, resuming: session).response?.timeout == 0)
    }

    @Test func aPingedSessionLives() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port, timeout: 300)
        let end = Clock.monotonicNanoseconds() + 1_000_000_000
        while Clock.monotonicNanoseconds() < end {
            #expect(try client.call(.ping, xid: -2).error == 0)
        }
    }

    @Test func closingAnswersWhatCameBeforeAndTakesTheEphemeralNodes() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        client.queue(OperationCode.create.rawValue, TestClient.create("/e", flags: 1))
        client.queue(OperationCode.getData.rawValue, TestClient.watch("/e"))
        client.queue(OperationCode.closeSession.rawValue)
        client.queue(OperationCode.getData.rawValue, TestClient.watch("/e"))
        client.flush()
        #expect(try (0..<3).map { _ in try client.readReply().xid } == [1, 2, 3])
        #expect(try client.readToEnd() == [])
        let other = try TestClient(port: server.port)
        #expect(try other.call(.exists, TestClient.watch("/e")).error == -101)
    }

    @Test func everythingMayBePipelinedBehindTheConnectRequest() throws {
        let server = try TestServer()
        let client = try TestClient(rawTo: server.port)
        var body: [UInt8] = []
        ConnectRequest(timeout: 1000).encode(into: &body)
        var auth: [UInt8] = []
        AuthRequest.encode(scheme: "digest", data: Array("joe:secret".utf8), into: &auth)
        var watches: [UInt8] = []
        SetWatchesRequest.encode(relativeZxid: 0, data: ["/gone"], exist: [], child: [], into: &watches)
        client.sendFrame(body)
        client.queue(OperationCode.auth.rawValue, xid: -4, auth)
        client.queue(OperationCode.setWatches.rawValue, xid: -8, watches)
        client.queue(OperationCode.create.rawValue, TestClient.create("/a"))
        client.flush()
        #expect(try client.readFrame().count == 37)
        #expect(try (0..<4).map { _ in try client.readReply().xid } == [-4, -1, -8, 1])
    }

    @Test func failedAuthenticationIsAnsweredThenClosed() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        var auth: [UInt8] = []
        AuthRequest.encode(scheme: "nonsense", data: [], into: &auth)
        let reply = try client.call(.auth, xid: -4, auth)
        #expect(reply.xid == -4 && reply.error == -115 && reply.zxid == 0)
        #expect(try client.readToEnd() == [])
    }
}
