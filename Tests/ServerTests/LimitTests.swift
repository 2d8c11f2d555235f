import DataTree
import Glibc
import Jute
import Testing

@testable import Server

/// What one client, or all of them, may have at most.
@Suite(.serialized) struct LimitTests {
    @Test func identitiesOfAConnectionAreLimitedInBytes() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        for number in 0..<4 { #expect(try client.call(.auth, xid: -4, name(number, 900_000)).error == 0) }
        // The same again is nothing new.
        #expect(try client.call(.auth, xid: -4, name(0, 900_000)).error == 0)
        let refused = try client.call(.auth, xid: -4, name(4, 900_000))
        #expect(refused.error == ErrorCode.authFailed.rawValue)
        #expect(try client.readToEnd() == [])
    }

    @Test func identitiesOfAConnectionAreLimitedInNumber() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        for number in 0..<1000 { client.queue(OperationCode.auth.rawValue, xid: -4, name(number, 1)) }
        client.flush()
        var errors: Set<Int32> = []
        // The address is the first of the thousand.
        for _ in 0..<999 { errors.insert(try client.readReply().error) }
        #expect(errors == [0])
        #expect(try client.readReply().error == ErrorCode.authFailed.rawValue)
    }

    @Test func connectionsAreRefusedBeforeTheDescriptorsAreUsedUpAndSaidOnce() throws {
        let server = try TestServer { $0.openFileCountMax = 8 }
        for _ in 0..<10 { #expect(throws: TestClient.Ended.self) { _ = try TestClient(port: server.port) } }
        #expect(server.messages.count(of: "of the 8 files and sockets") == 1)
        #expect(server.onCore { $0.statistics.connectionsRejected } == 10)
    }

    @Test func pathsThatAConnectionWatchesAreLimited() throws {
        let server = try TestServer { $0.admission.watchesPerConnectionMax = 3 }
        let client = try TestClient(port: server.port)
        for path in ["/a", "/b", "/c", "/a"] {
            #expect(
                try client.call(.exists, TestClient.watch(path, true)).error == ErrorCode.noNode.rawValue)
        }
        // What has told its event makes room for another.
        let other = try TestClient(port: server.port)
        #expect(try other.call(.create, TestClient.create("/a")).error == 0)
        #expect(try client.readReply().xid == RequestHeader.notificationXid)
        #expect(try client.call(.exists, TestClient.watch("/d", true)).error == ErrorCode.noNode.rawValue)
        client.queue(OperationCode.exists.rawValue, TestClient.watch("/e", true))
        client.flush()
        while try client.readToEnd() != [] {}
        #expect(server.messages.count(of: "watches.connectionMax") == 1)
        #expect(try other.call(.exists, TestClient.watch("/a", true)).error == 0)
        for _ in 0..<500 where server.onCore({ $0.tree.watchCount }) != 1 { usleep(10_000) }
        #expect(server.onCore { $0.tree.watchCount } == 1)
    }

    private func name(_ number: Int, _ byteCount: Int) -> [UInt8] {
        var body: [UInt8] = []
        let letters = [UInt8](repeating: UInt8(ascii: "n"), count: byteCount)
        AuthRequest.encode(
            scheme: "digest", data: Array("\(number)".utf8) + letters + Array(":x".utf8), into: &body)
        return body
    }
}
