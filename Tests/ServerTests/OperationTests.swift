import Glibc
import Jute
import Testing

@testable import Server

/// What the server itself decides about requests, before or beside the tree.
@Suite(.serialized) struct OperationTests {
    @Test func aPingIsAnsweredUnderThePingsNumber() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        #expect(try client.call(.ping, xid: 7).xid == -2)
    }

    @Test func reconfigSaysThatItIsSwitchedOffOrThatThereAreNoPeers() throws {
        var body: [UInt8] = []
        for text in ["", "", "server.1=h:1:2;3"] { body.append(juteString: text) }
        body += [UInt8](repeating: 0xff, count: 8)
        for (isEnabled, error) in [(false, ErrorCode.reconfigDisabled), (true, .unimplemented)] {
            let server = try TestServer { $0.nodes.isReconfigEnabled = isEnabled }
            let client = try TestClient(port: server.port)
            #expect(try client.call(.reconfig, body).error == error.rawValue)
            let cut = Array(body.dropLast())
            #expect(try client.call(.reconfig, cut).error == ErrorCode.marshallingError.rawValue)
        }
    }

    @Test func deleteContainerIsNoClientsRequest() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        var create: [UInt8] = []
        CreateRequest.encode("/c", data: [], acl: [.open], flags: 4, into: &create)
        #expect(try client.call(.createContainer, create).error == 0)
        var path: [UInt8] = []
        PathRequest.encode("/c", into: &path)
        #expect(try client.call(.deleteContainer, path).error == ErrorCode.unimplemented.rawValue)
        #expect(try client.call(.deleteContainer).error == ErrorCode.marshallingError.rawValue)
        #expect(try client.call(.exists, path + [0]).error == 0)
    }

    @Test func aWriteThatCannotBeReadCostsNoZxid() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        let before = try client.call(.ping).zxid
        let null: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        for operation in [OperationCode.create, .createTTL, .delete, .setData, .setACL, .multi] {
            for body in [[], null, [0, 0, 0, 9, 0x2f]] {
                #expect(try client.call(operation, body).error == ErrorCode.marshallingError.rawValue)
            }
        }
        #expect(try client.call(.ping).zxid == before)
    }

    @Test func syncSendsAnyPathBackAsItCame() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        for body: [UInt8] in [[0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0, 2, 0x2f, 0xff]] {
            #expect(try client.call(.sync, body).body == body)
        }
    }

    @Test func changesBeyondAQuotaAreSaidOnceInAWhile() throws {
        let server = try TestServer { $0.nodes.enforcesQuotas = true }
        let client = try TestClient(port: server.port)
        for path in ["/a", "/zookeeper/quota/a"] { try create(path, "", client) }
        try create("/zookeeper/quota/a/zookeeper_limits", "countHardLimit=1", client)
        try create("/zookeeper/quota/a/zookeeper_stats", "", client)
        for _ in 0..<50 {
            var body: [UInt8] = []
            CreateRequest.encode("/a/b", data: [], acl: [.open], flags: 0, into: &body)
            #expect(try client.call(.create, body).error == ErrorCode.quotaExceeded.rawValue)
        }
        for _ in 0..<500 where server.messages.count(of: "quota of /a exceeded") == 0 { usleep(10_000) }
        #expect(server.messages.count(of: "quota of /a exceeded") == 1)
    }

    private func create(_ path: String, _ data: String, _ client: TestClient) throws {
        var body: [UInt8] = []
        CreateRequest.encode(path, data: Array(data.utf8), acl: [.open], flags: 0, into: &body)
        #expect(try client.call(.create, body).error == 0)
    }
}
