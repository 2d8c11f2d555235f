import ByteCoding
import Glibc
import Jute
import NIOCore
import Testing

@testable import Server

/// Replies are many times as long as requests: whoever reads gets all of them in order, whoever does not
/// costs little.
@Suite(.serialized) struct PacingTests {
    private let big = String(repeating: "x", count: 900_000)

    /// Behind a write the reads wait for the log, and are all ready at once.
    @Test(arguments: [false, true])
    func repliesOfAHundredMegabytesToOneReadAllArriveAndFewAreMadeAhead(behindAWrite: Bool) throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/big", big))
        let create = TestClient.create("/n")
        client.queue(behindAWrite ? OperationCode.create.rawValue : OperationCode.ping.rawValue, create)
        for _ in 0..<150 { client.queue(OperationCode.getData.rawValue, TestClient.watch("/big")) }
        client.flush()
        // The kernel takes some megabytes; the client none yet.
        usleep(300_000)
        let ahead = try #require(server.onCore { $0.backlogByteCount })
        #expect(ahead > 0 && ahead < 5 << 20)
        #expect(try client.readReply().xid == (behindAWrite ? 2 : RequestHeader.pingXid))
        for number in 0..<150 {
            let reply = try client.readReply()
            #expect(reply.xid == Int32(number + 3) && reply.body.count > big.utf8.count)
        }
        #expect(try client.call(.exists, TestClient.watch("/big")).error == 0)
        #expect(server.onCore { $0.backlogByteCount } == 0)
        #expect(try #require(server.onCore { $0.sendBuffer.capacity }) <= 128 << 10)
    }

    @Test func readsBetweenWritesSeeTheOneAndNotTheOtherHoweverMuchIsGathered() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/big", big))
        _ = try client.call(.create, TestClient.create("/n", "0"))
        var expected: [String] = []
        for round in 1...6 {
            client.queue(OperationCode.setData.rawValue, TestClient.set("/n", "\(round)"))
            for _ in 0..<10 * round {
                client.queue(OperationCode.getData.rawValue, TestClient.watch("/big"))
                client.queue(OperationCode.getData.rawValue, TestClient.watch("/n"))
                expected.append("\(round)")
            }
        }
        client.flush()
        var seen: [String] = []
        for xid in 3..<3 + 6 + Int32(expected.count) * 2 {
            let reply = try client.readReply()
            #expect(reply.xid == xid && reply.error == 0)
            // A set's reply is a stat; data and stat of /n are a little longer.
            if reply.body.count == 73 { seen.append(try TestClient.data(reply)) }
        }
        #expect(seen == expected)
        #expect(server.onCore { [$0.deferredCount, $0.outstandingByteCount] } == [0, 0])
    }

    @Test func aSlowReaderHoldsUpNobodyElse() throws {
        let server = try TestServer()
        let slow = try TestClient(port: server.port)
        let other = try TestClient(port: server.port)
        _ = try other.call(.create, TestClient.create("/big", big))
        for _ in 0..<100 { slow.queue(OperationCode.getData.rawValue, TestClient.watch("/big")) }
        slow.flush()
        for number in 0..<50 {
            #expect(try other.call(.setData, TestClient.set("/big", "\(number)")).error == 0)
        }
        for _ in 0..<100 { #expect(try slow.readReply().error == 0) }
    }

    @Test func aClientThatNeverReadsIsCutOff() throws {
        let server = try TestServer()
        let name = "/" + String(repeating: "n", count: 500_000)
        let writer = try TestClient(port: server.port)
        _ = try writer.call(.create, TestClient.create(name))
        let deaf = try TestClient(port: server.port, timeout: 20_000)
        var watch: [UInt8] = []
        watch.append(juteString: Array("/".utf8).span.bytes)
        watch.append(bigEndian: Int32(1))
        #expect(try deaf.call(.addWatch, watch).error == 0)
        for number in 0..<200 {
            _ = try writer.call(.setData, TestClient.set(name, "\(number)"))
            if server.messages.count(of: "does not read") > 0 { break }
        }
        #expect(server.messages.count(of: "the client does not read") == 1)
        #expect(server.onCore { [$0.connections.count, $0.backlogByteCount] } == [1, 0])
    }

    @Test func whenAllTogetherLeaveTooMuchTheOneThatLeavesMostGoes() throws {
        let server = try TestServer()
        let clients = try (0..<3).map { _ in try TestClient(port: server.port) }
        server.onCore { core in
            for (connection, megabytes) in zip(core.connections.all, [200, 300, 50]) {
                core.noteBacklog(connection, megabytes << 20)
            }
        }
        // The others' sockets stay open, too.
        defer { withExtendedLifetime(clients) {} }
        #expect(try clients[1].readToEnd() == [])
        #expect(server.onCore { $0.connections.count } == 2)
        #expect(server.onCore { $0.backlogByteCount } == 250 << 20)
    }

    @Test func aReadOfManyThatWouldBeTooLongFails() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/big", big))
        var body: [UInt8] = []
        for _ in 0..<30 {
            MultiHeader(type: OperationCode.getData.rawValue, error: -1).encode(into: &body)
            body += TestClient.watch("/big")
        }
        MultiHeader.end.encode(into: &body)
        #expect(try client.call(.multiRead, body).error == ErrorCode.marshallingError.rawValue)
        #expect(try client.call(.exists, TestClient.watch("/big")).error == 0)
    }
}
