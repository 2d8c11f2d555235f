import Glibc
import Identifiers
import Jute
import Testing

@testable import Server

/// Persistent watches lose nothing when their connection does.
@Suite(.serialized) struct CatchUpTests {
    struct Event: Equatable {
        var type: Int32
        var path: String
        var zxid: Int64
    }

    /// Everything up to the reply with this xid.
    static func events(_ client: TestClient, upTo xid: Int32) throws -> (
        events: [Event], end: TestClient.Reply
    ) {
        var events: [Event] = []
        while true {
            let reply = try client.readReply()
            if reply.xid == xid { return (events, reply) }
            #expect(reply.xid == -1)
            var reader = JuteReader(reply.body.span.bytes)
            let type = try reader.int32()
            _ = try reader.int32()
            let path = try reader.string().withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            events.append(Event(type: type, path: path, zxid: reply.zxid))
        }
    }

    static func setWatches(
        since zxid: Int64, data: [String] = [], child: [String] = [], persistent: [String] = [],
        recursive: [String] = []
    ) -> [UInt8] {
        var body: [UInt8] = []
        SetWatchesRequest.encode(
            relativeZxid: zxid, data: data, exist: [], child: child, persistent: persistent,
            persistentRecursive: recursive, into: &body)
        return body
    }

    private static func addWatch(_ path: String, _ mode: Int32) -> [UInt8] {
        var body: [UInt8] = []
        PathNumberRequest.encode(path, mode, into: &body)
        return body
    }

    private static func delete(_ path: String) -> [UInt8] {
        var body: [UInt8] = []
        PathNumberRequest.encode(path, -1, into: &body)
        return body
    }

    /// Sends random writes below /w without looking at the replies.
    private static func write(_ count: Int, as client: TestClient, _ random: inout some RandomNumberGenerator)
        throws
    {
        for _ in 0..<count {
            let name = Int.random(in: 0..<4, using: &random)
            let path = Bool.random(using: &random) ? "/w/\(name)" : "/w/\(name)/x"
            switch Int.random(in: 0..<5, using: &random) {
            case 0: client.queue(OperationCode.delete.rawValue, delete(path))
            case 1...2: client.queue(OperationCode.create.rawValue, TestClient.create(path))
            default: client.queue(OperationCode.setData.rawValue, TestClient.set(path, "x"))
            }
        }
        client.flush()
        for _ in 0..<count { _ = try client.readReply() }
    }

    private static let persistent = ["/w", "/w/1"]
    private static let recursive = ["/w/2", "/w/3"]

    /// A new client that watches, and the zxid up to which it is told.
    private static func watcher(_ port: Int) throws -> (client: TestClient, zxid: Int64) {
        let client = try TestClient(port: port)
        for path in persistent { _ = try client.call(.addWatch, addWatch(path, 0)) }
        for path in recursive { _ = try client.call(.addWatch, addWatch(path, 1)) }
        return (client, try client.call(.sync, path("/w")).zxid)
    }

    private static func path(_ path: String) -> [UInt8] {
        var body: [UInt8] = []
        PathRequest.encode(path, into: &body)
        return body
    }

    /// What the client is told when it comes back, with all that it is told later.
    private static func comeBack(
        _ port: Int, resuming session: ConnectResponse? = nil, since zxid: Int64
    ) throws -> TestClient {
        let client = try TestClient(port: port, resuming: session, lastZxidSeen: zxid)
        client.queue(
            OperationCode.setWatches2.rawValue, xid: -8,
            setWatches(since: zxid, persistent: persistent, recursive: recursive))
        client.flush()
        return client
    }

    @Test func whoComesBackIsToldWhatATwinThatStayedIsTold() throws {
        for _ in 0..<10 {
            let server = try TestServer()
            var random = SystemRandomNumberGenerator()
            let writer = try TestClient(port: server.port)
            _ = try writer.call(.create, TestClient.create("/w"))
            try Self.write(.random(in: 0..<50), as: writer, &random)
            let (twin, start) = try Self.watcher(server.port)
            var (lost, seen) = try Self.watcher(server.port)
            var told: [Event] = []
            for _ in 0..<5 {
                try Self.write(.random(in: 0..<100), as: writer, &random)
                lost.queue(OperationCode.sync.rawValue, xid: 7, Self.path("/w"))
                lost.flush()
                let (events, end) = try Self.events(lost, upTo: 7)
                told += events
                seen = end.zxid
                lost.hangUp()
                try Self.write(.random(in: 0..<300), as: writer, &random)
                // Its request meets writes that are under way.
                lost = try Self.comeBack(server.port, since: seen)
                try Self.write(.random(in: 0..<300), as: writer, &random)
                told += try Self.events(lost, upTo: -8).events
            }
            lost.queue(OperationCode.sync.rawValue, xid: 8, Self.path("/w"))
            lost.flush()
            told += try Self.events(lost, upTo: 8).events
            twin.queue(OperationCode.sync.rawValue, xid: 9, Self.path("/w"))
            twin.flush()
            let expected = try Self.events(twin, upTo: 9).events
            #expect(told == expected)
            #expect(expected.allSatisfy { $0.zxid > start })
        }
    }

    @Test func theLogRemembersWhatTheServerForgot() throws {
        let first = try TestServer()
        var random = SystemRandomNumberGenerator()
        let writer = try TestClient(port: first.port)
        _ = try writer.call(.create, TestClient.create("/w"))
        let (twin, seen) = try Self.watcher(first.port)
        try Self.write(3000, as: writer, &random)
        twin.queue(OperationCode.sync.rawValue, xid: 9, Self.path("/w"))
        twin.flush()
        let expected = try Self.events(twin, upTo: 9).events
        #expect(expected.count > 100)
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let back = try Self.comeBack(second.port, since: seen)
        #expect(try Self.events(back, upTo: -8).events == expected)
        let other = try TestClient(port: second.port)
        _ = try other.call(.setData, TestClient.set("/w", "live"))
        #expect(try back.readReply().xid == -1)
    }

    @Test func standardWatchesAreToldFirstAndAsEver() throws {
        let server = try TestServer()
        let writer = try TestClient(port: server.port)
        let seen = try writer.call(.create, TestClient.create("/a")).zxid
        let changed = try writer.call(.setData, TestClient.set("/a", "1")).zxid
        let again = try writer.call(.setData, TestClient.set("/a", "2")).zxid
        let client = try TestClient(port: server.port)
        client.queue(
            OperationCode.setWatches2.rawValue, xid: -8,
            Self.setWatches(since: seen, data: ["/a"], child: ["/a"], persistent: ["/a"]))
        client.flush()
        let (events, end) = try Self.events(client, upTo: -8)
        #expect(
            events == [
                Event(type: 3, path: "/a", zxid: -1), Event(type: 3, path: "/a", zxid: changed),
                Event(type: 3, path: "/a", zxid: again),
            ])
        #expect(end.error == 0 && end.zxid >= again)
    }

    @Test func beyondTheBoundAClientIsToldNothingAsByZooKeeper() throws {
        let server = try TestServer { $0.watchCatchUp.eventCountMax = 5 }
        let writer = try TestClient(port: server.port)
        let seen = try writer.call(.create, TestClient.create("/a")).zxid
        for number in 0..<6 { _ = try writer.call(.setData, TestClient.set("/a", "\(number)")) }
        let client = try TestClient(port: server.port)
        client.queue(
            OperationCode.setWatches2.rawValue, xid: -8, Self.setWatches(since: seen, persistent: ["/a"]))
        client.queue(
            OperationCode.setWatches2.rawValue, xid: -9, Self.setWatches(since: seen + 1, recursive: ["/"]))
        client.flush()
        #expect(try Self.events(client, upTo: -8).events.isEmpty)
        #expect(try Self.events(client, upTo: -9).events.count == 5)
        #expect(server.onCore { $0.resumption?.counters.truncated } == 1)
        #expect(server.messages.count(of: "watches.catchUp.events") == 1)
    }

    @Test func switchedOffItIsAsZooKeeper() throws {
        let server = try TestServer { $0.watchCatchUp.isOn = false }
        let writer = try TestClient(port: server.port)
        let seen = try writer.call(.create, TestClient.create("/a")).zxid
        _ = try writer.call(.setData, TestClient.set("/a", "1"))
        let client = try TestClient(port: server.port)
        client.queue(
            OperationCode.setWatches2.rawValue, xid: -8, Self.setWatches(since: seen, persistent: ["/a"]))
        client.flush()
        #expect(try Self.events(client, upTo: -8).events.isEmpty)
    }

    @Test func requestsBehindItWaitAndAreAnsweredInOrder() throws {
        let first = try TestServer()
        let writer = try TestClient(port: first.port)
        let seen = try writer.call(.create, TestClient.create("/w")).zxid
        var random = SystemRandomNumberGenerator()
        try Self.write(5000, as: writer, &random)
        #expect(first.stop() == .stopped)
        // Behind a restart it takes the thread.
        let server = try TestServer(on: first.place)
        let client = try TestClient(port: server.port)
        var expected: [Int32] = []
        for round in 0..<10 {
            expected.append(client.queue(OperationCode.setData.rawValue, TestClient.set("/w", "a")))
            expected.append(
                client.queue(
                    OperationCode.setWatches2.rawValue, xid: Int32(1000 + round),
                    Self.setWatches(since: seen, recursive: ["/w/\(round)/x"])))
            expected.append(client.queue(OperationCode.getData.rawValue, TestClient.watch("/w")))
            expected.append(client.queue(OperationCode.setData.rawValue, TestClient.set("/w", "b")))
            expected.append(client.queue(OperationCode.ping.rawValue, xid: -2))
        }
        client.flush()
        for xid in expected { _ = try Self.events(client, upTo: xid) }
    }

    /// A client that only listens says an old zxid when it comes back, and is told nothing twice.
    @Test func aListenerIsNotToldAgainWhatItHasRead() throws {
        let server = try TestServer()
        let writer = try TestClient(port: server.port)
        _ = try writer.call(.create, TestClient.create("/w"))
        let (listener, seen) = try Self.watcher(server.port)
        let session = try #require(listener.response)
        _ = try writer.call(.setData, TestClient.set("/w", "1"))
        #expect(try listener.readReply().xid == -1)
        listener.hangUp()
        let missed = try writer.call(.setData, TestClient.set("/w", "2")).zxid
        let back = try Self.comeBack(server.port, resuming: session, since: seen)
        #expect(try Self.events(back, upTo: -8).events == [Event(type: 3, path: "/w", zxid: missed)])
    }

    /// A client that closed its connection with unread bytes has not read what was sent last.
    @Test func aClientThatLeavesWithUnreadEventsIsToldThemAgain() throws {
        let server = try TestServer()
        let writer = try TestClient(port: server.port)
        _ = try writer.call(.create, TestClient.create("/w"))
        let seen: Int64
        let session: ConnectResponse
        var unread: Int64 = 0
        do {
            let (listener, zxid) = try Self.watcher(server.port)
            seen = zxid
            session = try #require(listener.response)
            unread = try writer.call(.setData, TestClient.set("/w", "1")).zxid
            usleep(50_000)
            listener.close()
        }
        let missed = try writer.call(.setData, TestClient.set("/w", "2")).zxid
        let back = try Self.comeBack(server.port, resuming: session, since: seen)
        #expect(
            try Self.events(back, upTo: -8).events == [
                Event(type: 3, path: "/w", zxid: unread), Event(type: 3, path: "/w", zxid: missed),
            ])
    }
}
