import ByteCoding
import DataTree
import Identifiers
import Jute
import Testing

@testable import Server

/// What a server finds in a log whose bytes are whole, and that it should not find.
@Suite(.serialized) struct LoadedFaultTests {
    @Test func nodesOfASessionThatDoesNotExistGoAtTheNextStart() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        let id = try #require(client.response?.sessionID)
        first.onCore { core in
            core.proposeInternally(.closeSession, id, xid: 0, body: [], .internalWork, on: nil)
            let node = TestClient.create("/left-behind", flags: 1)
            core.proposeInternally(.create, id, xid: 1, body: node, .internalWork, on: nil)
        }
        let other = try TestClient(port: first.port)
        #expect(try other.call(.exists, TestClient.watch("/left-behind")).error == 0)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port)
        #expect(try again.call(.exists, TestClient.watch("/left-behind")).error == ErrorCode.noNode.rawValue)
        #expect(second.messages.count(of: "1 sessions that do not exist own nodes, \(id) the first") == 1)
        #expect(second.stop() == .stopped)
        // By a record: a third start finds nothing to do.
        let third = try TestServer(on: first.place)
        #expect(third.messages.count(of: "do not exist") == 0)
        #expect(third.onCore { $0.tree.ephemeralCount } == 0)
    }

    @Test func nodesWithATimeToLiveStayThoughSuchNodesAreSwitchedOff() throws {
        let first = try TestServer { $0.nodes.extendedTypesEnabled = true }
        let client = try TestClient(port: first.port)
        var body: [UInt8] = []
        CreateRequest.encode("/ttl", data: [], acl: [.open], flags: 5, ttl: 1_000_000, into: &body)
        #expect(try client.call(.createTTL, body).error == 0)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port)
        #expect(try again.call(.exists, TestClient.watch("/ttl")).error == 0)
    }

    @Test func nodesOfLivingSessionsStayAtAStart() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        _ = try client.call(.create, TestClient.create("/mine", flags: 1))
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        #expect(second.onCore { $0.tree.ephemeralCount } == 1)
    }

    @Test func aTreeThatIsNotWhatTheLogSaysIsReportedAndCountedAndTheServerGoesOn() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        _ = try client.call(.create, TestClient.create("/a"))
        // A node that the log knows nothing of, as a fault of the memory would make it.
        first.onCore { core in
            var record: [UInt8] = []
            var reply: [UInt8] = []
            var events: [WatchEvent] = []
            let origin = RequestOrigin(
                sessionID: .none, cxid: 0, zxid: core.lastProposed.next ?? .zero, time: 0, identities: [])
            do {
                _ = try core.tree.prepare(
                    .create, TestClient.create("/phantom").span.bytes, origin, into: &record)
                _ = try core.tree.apply(
                    record.span.bytes, mode: .live, wantsReply: false, reply: &reply, events: &events)
            } catch {
                Issue.record("\(error)")
            }
            core.lastProposed = origin.zxid
        }
        let set = try client.call(.setData, TestClient.set("/a", "1"))
        _ = try client.call(.setData, TestClient.set("/a", "2"))
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place) { $0.fourLetterWords = .all }
        let message = "DIGEST MISMATCH: 2 records from \(Zxid(rawValue: set.zxid)) on"
        #expect(second.messages.count(of: message) == 1)
        for word in ["mntr", "srst", "mntr"] {
            let asked = try TestClient(rawTo: second.port)
            asked.send(Array(word.utf8))
            let answer = String(decoding: try asked.readToEnd(), as: UTF8.self)
            #expect(word == "srst" || answer.contains("zk_digest_mismatches_count\t2\n"))
        }
        let again = try TestClient(port: second.port)
        #expect(try TestClient.data(try again.call(.getData, TestClient.watch("/a"))) == "2")
        #expect(try again.call(.setData, TestClient.set("/a", "3")).error == 0)
    }
}
