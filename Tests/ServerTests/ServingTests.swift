import Identifiers
import Jute
import Testing

@testable import Server

/// What clients see, through real sockets and a real log.
@Suite(.serialized) struct ServingTests {
    @Test func aSessionIsOpenedAndTheResponseHasTheReadOnlyByteOnlyIfAsked() throws {
        let server = try TestServer()
        for (flag, byteCount) in [(false as Bool?, 37), (nil, 36)] {
            let client = try TestClient(rawTo: server.port)
            var body: [UInt8] = []
            ConnectRequest(timeout: 500, isReadOnly: flag).encode(into: &body)
            client.sendFrame(body)
            #expect(try client.readFrame().count == byteCount)
        }
    }

    @Test func writesAndReadsOfAConnectionAreAnsweredInTheirOrder() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port, timeout: 1000)
        client.queue(OperationCode.create.rawValue, TestClient.create("/a", "0"))
        for value in 1...200 {
            client.queue(OperationCode.setData.rawValue, TestClient.set("/a", "\(value)"))
            client.queue(OperationCode.getData.rawValue, TestClient.watch("/a"))
        }
        client.flush()
        #expect(try client.readReply().error == 0)
        for value in 1...200 {
            let write = try client.readReply()
            #expect(write.xid == Int32(2 * value) && write.error == 0)
            let read = try client.readReply()
            #expect(read.xid == Int32(2 * value + 1) && read.zxid >= write.zxid)
            #expect(try TestClient.data(read) == "\(value)")
        }
    }

    @Test func aRefusedWriteConsumesAZxid() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        let first = try client.call(.create, TestClient.create("/a"))
        let second = try client.call(.create, TestClient.create("/a"))
        let third = try client.call(.setData, TestClient.set("/nope", ""))
        let fourth = try client.call(.setData, TestClient.set("/a", ""))
        #expect([first.error, second.error, third.error, fourth.error] == [0, -110, -101, 0])
        #expect([second, third, fourth].map(\.zxid) == [first.zxid + 1, first.zxid + 2, first.zxid + 3])
    }

    @Test func anEventComesBeforeTheReplyThatShowsTheChange() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        _ = try client.call(.getData, TestClient.watch("/a", true))
        client.queue(OperationCode.setData.rawValue, TestClient.set("/a", "x"))
        client.flush()
        let event = try client.readReply()
        let reply = try client.readReply()
        #expect(event.xid == -1 && event.zxid == reply.zxid && reply.xid == 3)
    }

    @Test func everyWatcherIsToldOnce() throws {
        let server = try TestServer()
        let writer = try TestClient(port: server.port)
        _ = try writer.call(.create, TestClient.create("/a"))
        let watchers = try (0..<20).map { _ in try TestClient(port: server.port) }
        for watcher in watchers { _ = try watcher.call(.getData, TestClient.watch("/a", true)) }
        _ = try writer.call(.setData, TestClient.set("/a", "x"))
        _ = try writer.call(.setData, TestClient.set("/a", "y"))
        for watcher in watchers {
            #expect(try watcher.readReply().xid == -1)
            #expect(try watcher.call(.ping, xid: -2).xid == -2)
        }
    }

    @Test func anUnknownOperationIsRefusedAndTheConnectionEnds() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        client.queue(999)
        client.flush()
        let reply = try client.readReply()
        #expect(reply.zxid == -1 && reply.error == -6)
        #expect(try client.readToEnd() == [])
    }

    @Test func aRequestThatDoesNotParseIsAnsweredInItsPlaceAndTakesNoZxid() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        client.queue(OperationCode.create.rawValue, TestClient.create("/a"))
        client.queue(OperationCode.setData.rawValue, [0, 0])
        client.queue(OperationCode.getData.rawValue, [0, 0])
        client.queue(OperationCode.setData.rawValue, TestClient.set("/a", "x"))
        client.flush()
        let replies = try (0..<4).map { _ in try client.readReply() }
        #expect(replies.map(\.xid) == [1, 2, 3, 4])
        #expect(replies.map(\.error) == [0, -5, -5, 0])
        #expect(replies[3].zxid == replies[0].zxid + 1)
    }

    @Test func aFrameOutsideTheLimitsEndsTheConnection() throws {
        let server = try TestServer { $0.requestByteCountMax = 1024 }
        for length in [[0xff, 0xff, 0xff, 0xff], [0, 0, 4, 1]] as [[UInt8]] {
            let client = try TestClient(rawTo: server.port)
            client.send(length)
            #expect(try client.readToEnd() == [])
        }
        let client = try TestClient(port: server.port, timeout: 500)
        client.send([0, 0, 0, 3, 1, 2, 3])
        #expect(try client.readToEnd() == [])
    }

    @Test func commandsOfFourLettersAreAnsweredIfTheyAreAllowed() throws {
        let server = try TestServer { $0.fourLetterWords = .only([.ruok]) }
        #expect(try answer("ruok", of: server) == "imok")
        #expect(
            try answer("mntr", of: server) == "mntr is not executed because it is not in the whitelist.\n")
        let open = try TestServer { $0.fourLetterWords = .all }
        #expect(try answer("srvr", of: open).contains("Mode: standalone\n"))
        #expect(try answer("mntr", of: open).contains("zk_znode_count\t5\n"))
        #expect(try answer("isro", of: open) == "rw")
    }

    @Test func onlySoManyConnectionsComeFromOneAddress() throws {
        let server = try TestServer { $0.admission.connectionsPerAddressMax = 2 }
        let first = try TestClient(port: server.port, timeout: 500)
        let second = try TestClient(port: server.port, timeout: 500)
        let third = try TestClient(rawTo: server.port)
        #expect(try third.readToEnd() == [])
        #expect(try first.call(.ping, xid: -2).error == 0)
        second.hangUp()
        #expect(try first.call(.ping, xid: -2).error == 0)
    }

    @Test func manyOutstandingRequestsAreThrottledAndAllAnswered() throws {
        let server = try TestServer { $0.admission.outstandingRequestsMax = 10 }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        for _ in 0..<3000 { client.queue(OperationCode.setData.rawValue, TestClient.set("/a", "value")) }
        client.flush()
        for index in 0..<3000 { #expect(try client.readReply().xid == Int32(index + 2)) }
    }

    private func answer(_ word: String, of server: TestServer) throws -> String {
        let client = try TestClient(rawTo: server.port)
        client.send(Array(word.utf8))
        return String(decoding: try client.readToEnd(), as: UTF8.self)
    }
}
