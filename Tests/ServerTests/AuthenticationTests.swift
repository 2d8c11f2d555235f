import ByteCoding
import DataTree
import Identifiers
import Jute
import Testing

@testable import Server

/// Who may ask, on connections of a running server. The rows S of the security list are named in the tests.
@Suite(.serialized) struct AuthenticationTests {
    private static func auth(_ scheme: String, _ data: String) -> [UInt8] {
        var body: [UInt8] = []
        AuthRequest.encode(scheme: scheme, data: Array(data.utf8), into: &body)
        return body
    }

    private static func token(_ text: String) -> [UInt8] {
        var body: [UInt8] = []
        body.append(juteBuffer: Array(text.utf8))
        return body
    }

    private static func connection(_ core: Core) -> Connection {
        Connection(
            core: core, number: 1, index: 0, address: RemoteAddress(nil), port: 0,
            identities: core.identities(of: "127.0.0.1"), socket: DirectSocket(-1))
    }

    /// S20: the first request of a connection, of every kind there is and of none.
    @Test func nothingIsAnsweredBeforeTheProofThatIsAskedFor() throws {
        let server = try TestServer { $0.authentication.requiredSchemes = ["digest"] }
        let operations = OperationCode.allCases.map(\.rawValue) + [999, .min]
        for operation in operations where ![100, 102].contains(operation) {
            let client = try TestClient(port: server.port)
            client.queue(operation, xid: 7, TestClient.create("/a"))
            client.queue(OperationCode.create.rawValue, xid: 8, TestClient.create("/b"))
            client.flush()
            let reply = try client.readReply()
            #expect(reply == TestClient.Reply(xid: 7, zxid: 0, error: -124, body: []), "\(operation)")
            #expect(try client.readToEnd() == [])
        }
        let client = try TestClient(port: server.port)
        #expect(try client.call(.auth, xid: -4, Self.auth("ip", "")).error == 0)
        #expect(try client.call(.auth, xid: -4, Self.auth("digest", "joe:x")).error == 0)
        #expect(try client.call(.create, TestClient.create("/c")).error == 0)
        #expect(try client.call(.exists, TestClient.watch("/a")).error == ErrorCode.noNode.rawValue)
        #expect(try client.call(.exists, TestClient.watch("/b")).error == ErrorCode.noNode.rawValue)
    }

    @Test func aRequestBehindAFailedProofIsNotTakenThoughTheReplyWaits() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        // The reply to the second waits for the first's; the third must not get through meanwhile.
        client.queue(OperationCode.create.rawValue, xid: 1, TestClient.create("/a"))
        client.queue(OperationCode.auth.rawValue, xid: -4, Self.auth("world", "anyone"))
        client.queue(OperationCode.create.rawValue, xid: 2, TestClient.create("/b"))
        client.flush()
        #expect(try client.readReply().error == 0)
        #expect(try client.readReply().error == ErrorCode.authFailed.rawValue)
        #expect(try client.readToEnd() == [])
        let other = try TestClient(port: server.port)
        #expect(try other.call(.exists, TestClient.watch("/b")).error == ErrorCode.noNode.rawValue)
    }

    /// S17: what a certificate says is known before anything that the client sends is looked at.
    @Test func aCertificateThatIsNoneOfThoseAskedForAdmitsNobody() throws {
        let server = try TestServer {
            $0.authentication.schemes.insert(.x509)
            $0.authentication.requiredSchemes = ["x509"]
            $0.authentication.certificateSuperUser = "CN=root"
        }
        let admitted = server.onCore { core -> [Bool] in
            ["CN=joe", "CN=root"].map { subject in
                let connection = Self.connection(core)
                let before = connection.isAdmitted
                return core.identify(connection, certificateSubject: subject) && !before
                    && connection.isAdmitted
                    && connection.identities.contains { $0.scheme == "super" } == (subject == "CN=root")
            }
        }
        #expect(admitted == [true, true])
        // S3: whoever becomes free of all lists is named in the log.
        #expect(server.messages.count(of: "superuser by x509 CN=root") == 1)
        #expect(server.messages.count(of: "superuser") == 1)
    }

    @Test func whereCertificatesAreNoSchemeTheyNameNobody() throws {
        let server = try TestServer()
        let count = server.onCore { core -> Int in
            let connection = Self.connection(core)
            return core.identify(connection, certificateSubject: "CN=joe") ? connection.identities.count : -1
        }
        #expect(count == 1)
    }

    /// S19: an unknown user, a wrong password and a message too many end the connection.
    @Test func aFailedSASLLoginEndsTheConnectionUnlessItIsAllowed() throws {
        for (isAllowed, isRequired, error) in [(false, false, -115), (true, true, -124), (true, false, 0)] {
            let server = try TestServer {
                $0.authentication.saslUsers = SASLUsers(passwords: ["bob": "x"])
                $0.authentication.allowsFailedSASLClients = isAllowed
                if isRequired { $0.authentication.requiredSchemes = ["sasl"] }
            }
            let client = try TestClient(port: server.port)
            let challenge = try client.call(.sasl, Self.token(""))
            #expect(challenge.error == 0 && challenge.body.count > 80)
            let reply = try client.call(.sasl, Self.token("username=\"bob\""))
            #expect(Int(reply.error) == error && reply.body == [255, 255, 255, 255])
            guard error == 0 else {
                #expect(try client.readToEnd() == [])
                continue
            }
            for _ in 0..<10_000 { client.queue(OperationCode.sasl.rawValue, xid: 5, Self.token("again")) }
            client.flush()
            for _ in 0..<10_000 { #expect(try client.readReply().error == 0) }
            #expect(try client.call(.create, TestClient.create("/a")).error == 0)
            #expect(server.messages.count(of: "SASL failed") == 1)
        }
    }

    @Test func messagesThatHoldNothingEndTheConnection() throws {
        let server = try TestServer { $0.authentication.saslUsers = SASLUsers(passwords: [:]) }
        for (type, body) in [
            (OperationCode.sasl, [0xff, 0xff, 0xff, 0xff]), (.sasl, [0, 0]), (.auth, [0, 0]),
            (.sasl, [0x7f, 0xff, 0xff, 0xff]),
        ] as [(OperationCode, [UInt8])] {
            let client = try TestClient(port: server.port)
            client.queue(type.rawValue, xid: -4, body)
            client.flush()
            #expect(try client.readToEnd() == [])
        }
    }

    // MARK: S4

    private static func exists(_ client: TestClient) throws -> Int32 {
        try client.call(.exists, TestClient.watch("/")).error
    }

    @Test func aBoundSessionIsResumedOnlyByWhoProvesToBeItsOwner() throws {
        let server = try TestServer { $0.authentication.bindsSessions = true }
        let owner = try TestClient(port: server.port)
        #expect(try owner.call(.auth, xid: -4, Self.auth("digest", "joe:secret")).error == 0)
        let session = try #require(owner.response)

        // Number and password are right, and that is not enough.
        let thief = try TestClient(port: server.port, resuming: session)
        #expect(thief.response?.sessionID == session.sessionID)
        #expect(try Self.exists(thief) == ErrorCode.authFailed.rawValue)
        #expect(try thief.readToEnd() == [])
        let liar = try TestClient(port: server.port, resuming: session)
        #expect(try liar.call(.auth, xid: -4, Self.auth("digest", "joe:guess")).error == 0)
        #expect(try Self.exists(liar) == ErrorCode.authFailed.rawValue)
        // With a wrong password nobody takes the connection away either.
        var forged = session
        forged.password[0] ^= 1
        #expect(try TestClient(port: server.port, resuming: forged).response?.sessionID == SessionID.none)
        #expect(try Self.exists(owner) == 0)

        let returned = try TestClient(port: server.port, resuming: session)
        #expect(try returned.call(.auth, xid: -4, Self.auth("digest", "joe:secret")).error == 0)
        #expect(try Self.exists(returned) == 0)
        #expect(try owner.readToEnd() == [])
        _ = try returned.call(.closeSession)
        #expect(server.onCore { $0.bindings.count } == 0)
    }

    private static func digest(_ client: TestClient, _ data: String) throws -> Int32 {
        try client.call(.auth, xid: -4, auth("digest", data)).error
    }

    @Test func whoAsksTooOftenForSessionsOfOthersResumesNoneForAWhile() throws {
        let server = try TestServer { $0.admission.failedResumptionsMax = 3 }
        let owner = try TestClient(port: server.port)
        let session = try #require(owner.response)
        var forged = session
        forged.password[15] ^= 1
        for _ in 0..<2 {
            #expect(try TestClient(port: server.port, resuming: forged).response?.sessionID == SessionID.none)
        }
        // Its owner fails at nothing, and comes back as often as it likes.
        for _ in 0..<5 {
            let again = try TestClient(port: server.port, resuming: session)
            #expect(try Self.exists(again) == 0)
        }
        let last = try TestClient(port: server.port, resuming: session)
        #expect(try TestClient(port: server.port, resuming: forged).response?.sessionID == SessionID.none)
        #expect(try last.readToEnd() == [])
        let other = try TestClient(port: server.port)
        // Beyond the limit there is no answer, and nobody's connection is taken away any more.
        let current = try #require(other.response)
        var forgery = current
        forgery.password[0] ^= 1
        for attempt in [forgery, current] {
            #expect(throws: TestClient.Ended.self) {
                _ = try TestClient(port: server.port, resuming: attempt)
            }
        }
        #expect(try Self.exists(other) == 0)
        #expect(server.messages.count(of: "session.resumeFailureLimit") == 2)
    }

    @Test func attemptsAtABoundSessionCountUnlessTheyEndInAProof() throws {
        let server = try TestServer {
            $0.authentication.bindsSessions = true
            $0.admission.failedResumptionsMax = 2
        }
        let owner = try TestClient(port: server.port)
        #expect(try Self.digest(owner, "joe:secret") == 0)
        let session = try #require(owner.response)
        for _ in 0..<5 {
            let returned = try TestClient(port: server.port, resuming: session)
            #expect(try Self.digest(returned, "joe:secret") == 0)
            #expect(try Self.exists(returned) == 0)
        }
        for _ in 0..<2 {
            let thief = try TestClient(port: server.port, resuming: session)
            #expect(try Self.exists(thief) == ErrorCode.authFailed.rawValue)
            #expect(try thief.readToEnd() == [])
        }
        #expect(throws: TestClient.Ended.self) { _ = try TestClient(port: server.port, resuming: session) }
    }

    // MARK: S2

    @Test func whereDigestsNeedTLSNoneIsTakenWithoutIt() throws {
        let server = try TestServer { $0.authentication.requiresTLSForDigest = true }
        let client = try TestClient(port: server.port)
        #expect(try client.call(.auth, xid: -4, Self.auth("ip", "")).error == 0)
        #expect(try Self.digest(client, "joe:secret") == ErrorCode.authFailed.rawValue)
        #expect(try client.readToEnd() == [])
        #expect(server.messages.count(of: "DigestAuthenticationProvider.requireTLS") == 1)
    }

    @Test func aSessionOfNobodyIsResumedAsEver() throws {
        let server = try TestServer { $0.authentication.bindsSessions = true }
        let owner = try TestClient(port: server.port)
        #expect(try Self.exists(owner) == 0)
        let session = try #require(owner.response)
        #expect(try Self.exists(try TestClient(port: server.port, resuming: session)) == 0)
    }

    @Test func withoutBindingWhoeverHasThePasswordHasTheSession() throws {
        let server = try TestServer()
        let owner = try TestClient(port: server.port)
        _ = try owner.call(.auth, xid: -4, Self.auth("digest", "joe:secret"))
        let other = try TestClient(port: server.port, resuming: owner.response)
        #expect(try Self.exists(other) == 0)
    }
}
