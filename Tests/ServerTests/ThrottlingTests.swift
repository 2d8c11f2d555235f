import ByteCoding
import DataTree
import Glibc
import Jute
import Sessions
import Testing
import TransactionLog

@testable import Server

/// Limits of requests and of what clients may hold: they slow down or end whoever is above them, and
/// nobody else.
@Suite(.serialized) struct ThrottlingTests {
    @Test func aboveTheLimitRequestsWaitAndAreAllAnsweredInOrder() throws {
        let server = try TestServer { $0.requestThrottle.requestsMax = 3 }
        let clients = try (0..<4).map { _ in try TestClient(port: server.port) }
        for (number, client) in clients.enumerated() {
            for item in 0..<100 {
                client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)-\(item)"))
                client.queue(OperationCode.exists.rawValue, TestClient.watch("/n\(number)-\(item)"))
            }
            client.flush()
        }
        for client in clients {
            for xid in 1...200 {
                let reply = try client.readReply()
                #expect(reply.xid == Int32(xid) && reply.error == 0)
            }
        }
        #expect(try #require(server.onCore { $0.statistics.requestThrottleWaits }) > 0)
        #expect(server.onCore { $0.statistics.throttleMilliseconds.count } == 800)
        #expect(
            server.onCore { [$0.throttled.count, $0.outstandingCount, $0.largeRequestByteCount] } == [
                0, 0, 0,
            ])
    }

    @Test func whoeverWaitedTooLongIsToldSoAndNothingIsDone() throws {
        let server = try TestServer {
            $0.requestThrottle.requestsMax = 1
            $0.requestThrottle.throttledOperationMilliseconds = 1
        }
        let client = try TestClient(port: server.port)
        let count = 3000
        for number in 0..<count {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
        }
        client.flush()
        var createdCount = 0
        for number in 0..<count {
            let reply = try client.readReply()
            #expect(reply.xid == Int32(number + 1))
            #expect(reply.error == 0 || reply.error == ErrorCode.throttledOperation.rawValue)
            if reply.error == 0 { createdCount += 1 }
        }
        #expect(createdCount > 0 && createdCount < count)
        #expect(server.onCore { Int($0.statistics.throttledOperations) } == count - createdCount)
        // The root and what every server has from the beginning.
        let others = try #require(try TestServer().onCore { $0.tree.nodeCount })
        #expect(server.onCore { $0.tree.nodeCount } == createdCount + others)
    }

    @Test func aRequestThatWaitedLongerThanItsSessionLivesEndsTheConnection() throws {
        let server = try TestServer {
            $0.requestThrottle.requestsMax = 1
            $0.requestThrottle.closesStaleConnections = true
        }
        let client = try TestClient(port: server.port, timeout: 100)
        server.onCore { core in
            let connection = core.connections.all[0]
            connection.throttledSince = core.now - 150_000_000
        }
        client.queue(OperationCode.exists.rawValue, TestClient.watch("/"))
        client.flush()
        #expect(try client.readToEnd() == [])
        #expect(server.onCore { $0.statistics.staleRequestsDropped } == 1)
    }

    @Test func aRequestThatIsStaleIsTakenAllTheSameUnlessToldOtherwise() throws {
        let server = try TestServer {
            $0.requestThrottle.requestsMax = 1
            $0.requestThrottle.closesStaleConnections = false
        }
        let client = try TestClient(port: server.port, timeout: 100)
        server.onCore { core in
            let connection = core.connections.all[0]
            connection.throttledSince = core.now - 150_000_000
        }
        #expect(try client.call(.exists, TestClient.watch("/")).error == 0)
        #expect(server.onCore { $0.statistics.staleRequests } == 1)
        #expect(server.onCore { $0.statistics.throttleMilliseconds.max >= 150 } == true)
    }

    @Test func pingsPassWhileOthersWait() throws {
        let server = try TestServer { $0.requestThrottle.requestsMax = 1 }
        let busy = try TestClient(port: server.port)
        let idle = try TestClient(port: server.port)
        for number in 0..<2000 {
            busy.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
        }
        busy.flush()
        #expect(try idle.call(.ping, xid: -2).error == 0)
        for _ in 0..<2000 { #expect(try busy.readReply().error == 0) }
    }

    @Test func aSessionWhoseConnectionIsNotReadDoesNotExpire() throws {
        let server = try TestServer()
        let client = try TestClient(port: server.port, timeout: 150)
        server.onCore { $0.connections.all[0].pauseReading() }
        usleep(600_000)
        #expect(server.onCore { $0.sessions.count } == 1)
        server.onCore { $0.connections.all[0].resumeReading() }
        #expect(try client.call(.exists, TestClient.watch("/")).error == 0)
        #expect(try client.readToEnd() == [])
        #expect(server.onCore { $0.sessions.count } == 0)
    }

    @Test func oneLargeRequestTooManyEndsItsConnectionBeforeItHasArrived() throws {
        let server = try TestServer {
            $0.requestThrottle.largeRequestByteCount = 1000
            $0.requestThrottle.largeRequestsByteCountMax = 5000
        }
        let client = try TestClient(port: server.port)
        let body = String(repeating: "x", count: 4000)
        #expect(try client.call(.create, TestClient.create("/fits", body)).error == 0)
        #expect(try client.call(.create, TestClient.create("/again", body)).error == 0)
        client.send([0, 0, 0x17, 0x70, 1, 2, 3])
        #expect(try client.readToEnd() == [])
        let other = try TestClient(port: server.port)
        other.queue(OperationCode.create.rawValue, TestClient.create("/much", body + body))
        other.flush()
        #expect(try other.readToEnd() == [])
        #expect(server.onCore { $0.statistics.largeRequestsRejected } == 2)
        #expect(server.onCore { $0.largeRequestByteCount } == 0)
    }

    @Test func aLongFirstFrameIsRefused() throws {
        let server = try TestServer()
        let client = try TestClient(rawTo: server.port)
        client.send([0, 0, 0x10, 1])
        #expect(try client.readToEnd() == [])
        #expect(server.messages.count(of: "a frame of 4097 bytes is outside the limits (0 to 4096") == 1)
    }

    @Test func whenHalfSentRequestsTakeTooMuchTheLongestGoes() throws {
        let server = try TestServer { $0.admission.slowClientByteCountMax = 1 << 20 }
        let clients = try (0..<3).map { _ in try TestClient(port: server.port) }
        var sentByteCount = 0
        for (client, count) in zip(clients, [500_000, 300_000, 300_000]) {
            client.send([0, 0xf, 0, 0] + [UInt8](repeating: 7, count: count))
            sentByteCount += count
            // Each is there before the next begins, so that the first is the longest.
            while sentByteCount < 1_000_000,
                try #require(server.onCore { $0.backlogByteCount }) < sentByteCount
            {}
        }
        #expect(try clients[0].readToEnd() == [])
        #expect(server.onCore { $0.connections.count } == 2)
        #expect(try #require(server.onCore { $0.backlogByteCount }) <= 1 << 20)
        withExtendedLifetime(clients) {}
    }

    @Test func whoeverAsksForNothingIsClosedAfterTheConfiguredTime() throws {
        let server = try TestServer { $0.admission.sessionlessMilliseconds = 100 }
        let silent = try TestClient(rawTo: server.port)
        let trickling = try TestClient(rawTo: server.port)
        trickling.send([0, 0, 0])
        #expect(try silent.readToEnd() == [] && trickling.readToEnd() == [])
        #expect(server.onCore { $0.statistics.sessionlessExpired } == 2)
    }

    @Test func connectionsInAllAreLimited() throws {
        let server = try TestServer { $0.admission.connectionsMax = 2 }
        let clients = try (0..<2).map { _ in try TestClient(port: server.port) }
        #expect(throws: TestClient.Ended.self) { _ = try TestClient(port: server.port) }
        clients[0].hangUp()
        #expect(try clients[1].call(.exists, TestClient.watch("/")).error == 0)
    }

    @Test func whoeverHasNoTokenIsClosedWithoutAnAnswer() throws {
        let server = try TestServer {
            $0.connectionThrottle.tokenCountMax = 2
            $0.connectionThrottle.fillMilliseconds = 86_400_000
        }
        let first = try TestClient(port: server.port)
        _ = try TestClient(port: server.port, resuming: first.response)
        let third = try TestClient(rawTo: server.port)
        var body: [UInt8] = []
        ConnectRequest(timeout: 500).encode(into: &body)
        third.sendFrame(body)
        #expect(try third.readToEnd() == [])
        #expect(server.onCore { $0.statistics.connectionsRejected } == 1)
    }

    @Test func idleConnectionsHoldNoBuffers() throws {
        let server = try TestServer()
        let clients = try (0..<20).map { _ in try TestClient(port: server.port) }
        // Release builds close them after their last use.
        defer { withExtendedLifetime(clients) {} }
        for client in clients { #expect(try client.call(.ping, xid: -2).error == 0) }
        #expect(server.onCore { $0.connections.all.map(\.out.capacity).max() } == 0)
        #expect(try #require(server.onCore { $0.spareBufferByteCount }) < 1 << 20)
        #expect(
            server.onCore { core in
                core.spareBuffers.reduce(0) { $0 + $1.capacity } == core.spareBufferByteCount
            } == true)
    }
}
