import Glibc
import Identifiers
import Jute
import Synchronization
import Testing

@testable import Server

/// What must hold while something ends: a counter, or the server.
@Suite(.serialized) struct ContinuityTests {
    @Test func whenTheCounterIsUsedUpTheNextEpochBeginsAndNoZxidComesTwice() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        _ = try client.call(.create, TestClient.create("/n"))
        first.onCore { $0.lastProposed = Zxid(rawValue: 0xffff_fffa) }
        for number in 0..<20 {
            client.queue(OperationCode.setData.rawValue, TestClient.set("/n", "\(number)"))
            client.queue(OperationCode.getData.rawValue, TestClient.watch("/n"))
        }
        client.flush()
        var zxids: [Int64] = []
        for number in 0..<20 {
            zxids.append(try client.readReply().zxid)
            #expect(try TestClient.data(try client.readReply()) == "\(number)")
        }
        #expect(zxids == Array(0xffff_fffb...0xffff_ffff) + Array(0x1_0000_0001...0x1_0000_000f))
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port, lastZxidSeen: 0x1_0000_000f)
        #expect(try TestClient.data(try again.call(.getData, TestClient.watch("/n"))) == "19")
        #expect(try again.call(.setData, TestClient.set("/n", "new")).zxid > 0x1_0000_000f)
    }

    @Test func aLoneWriteAtTheEndOfTheCounterIsAWriteLikeAnyOther() throws {
        let first = try TestServer()
        let client = try TestClient(port: first.port)
        _ = try client.call(.create, TestClient.create("/n"))
        first.onCore { $0.lastProposed = Zxid(rawValue: 0xffff_fffe) }
        #expect(try client.call(.setData, TestClient.set("/n", "last")).zxid == 0xffff_ffff)
        #expect(try client.call(.setData, TestClient.set("/n", "first")).zxid == 0x1_0000_0001)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port)
        #expect(try TestClient.data(try again.call(.getData, TestClient.watch("/n"))) == "first")
    }

    @Test func aStopUnderLoadKeepsEveryWriteThatWasAcknowledged() throws {
        let first = try TestServer()
        let acknowledged = Mutex<[String]>([])
        let port = first.port
        let writers = (0..<4).map { writer in
            NamedThread.start("writer \(writer)") {
                do {
                    try Self.write(as: writer, port: port) { path in acknowledged.withLock { $0.append(path) }
                    }
                } catch {
                    // The server has stopped.
                }
            }
        }
        while acknowledged.withLock({ $0.count }) < 2000 { usleep(1000) }
        #expect(first.stop() == .stopped)
        for writer in writers { writer.join() }
        let second = try TestServer(on: first.place)
        let client = try TestClient(port: second.port)
        var paths = acknowledged.withLock { $0 }[...]
        var missing = 0
        while !paths.isEmpty {
            let some = paths.prefix(1000)
            paths = paths.dropFirst(some.count)
            for path in some { client.queue(OperationCode.exists.rawValue, TestClient.watch(path)) }
            client.flush()
            for _ in some { missing += try client.readReply().error == 0 ? 0 : 1 }
        }
        #expect(missing == 0)
    }

    /// Creates nodes, 64 at a time, until the server ends.
    private static func write(as writer: Int, port: Int, _ acknowledge: (String) -> Void) throws {
        let client = try TestClient(port: port)
        var number = 0
        while true {
            let paths = (number..<number + 64).map { "/w\(writer)-\($0)" }
            number += 64
            for path in paths { client.queue(OperationCode.create.rawValue, TestClient.create(path)) }
            client.flush()
            for path in paths {
                let reply = try client.readReply()
                if reply.error == 0 { acknowledge(path) }
            }
        }
    }
}
