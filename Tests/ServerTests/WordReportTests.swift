import ByteCoding
import Glibc
import Identifiers
import Jute
import Testing

@testable import Server

/// What the commands tell of connections, sessions, watches and digests.
@Suite(.serialized) struct WordReportTests {
    @Test func consTellsOfAConnectionsLastRequest() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        _ = try client.call(.getData, TestClient.watch("/a"))
        let line = try #require(try lines("cons", server).first { $0.contains("sid=0x") })
        let session = try #require(client.response).sessionID
        let pattern =
            #"^ /127\.0\.0\.1:\d+\[1\]\(queued=0,recved=3,sent=3,sid="#
            + "\(session)"
            + #",lop=GETD,est=\d{13},to=10000,lcxid=0x2,lzxid=0x2,lresp=\d+,llat=\d+,minlat=\d+,avglat=\d+,maxlat=\d+\)$"#
        #expect(line.contains(try Regex(pattern)), "\(line)")
    }

    @Test func aRefusedWriteHasNoOperationAndAPingHidesNoNumber() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        var body: [UInt8] = []
        body.append(juteString: "/none")
        body.append(bigEndian: Int32(-1))
        #expect(try client.call(.delete, body).error == ErrorCode.noNode.rawValue)
        #expect(try lines("cons", server).contains { $0.contains(",lop=NA,") && $0.contains(",lcxid=0x1,") })
        _ = try client.call(.ping, xid: -2)
        #expect(
            try lines("cons", server).contains { $0.contains(",lop=PING,") && $0.contains(",lcxid=0x1,") })
    }

    @Test func aConnectionWithoutASessionHasOnlyItsCounts() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let line = try #require(try lines("cons", server).first)
        #expect(line.contains(try Regex(#"^ /127\.0\.0\.1:\d+\[[01]\]\(queued=0,recved=1,sent=0\)$"#)))
    }

    @Test func crstForgetsAConnectionsFigures() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        #expect(try answer("crst", server) == "Connection stats reset.\n")
        let line = try #require(try lines("cons", server).first { $0.contains("sid=0x") })
        #expect(line.contains("recved=0,sent=0,"))
        #expect(
            line.contains(",lop=NA,") && !line.contains("lcxid") && line.contains("lzxid=0xffffffffffffffff"))
    }

    @Test func dumpListsSessionsEphemeralsAndConnections() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/gone-with-me", flags: 1))
        let session = try #require(client.response).sessionID
        let text = try lines("dump", server)
        #expect(text.first == "SessionTracker dump:")
        #expect(text.contains("Session Sets (1)/(1):"))
        #expect(text.contains("\t\(session)"))
        #expect(text.contains("ephemeral nodes dump:"))
        #expect(text.contains("Sessions with Ephemerals (1):"))
        #expect(text.contains("\(session):") && text.contains("\t/gone-with-me"))
        #expect(text.contains("Connections dump:"))
        #expect(text.contains { $0.hasPrefix("Connections Sets (") && $0.hasSuffix(")/(2):") })
        #expect(text.contains { $0.hasPrefix("\tip: /127.0.0.1:") && $0.hasSuffix("sessionId: \(session)") })
        let expiry = try Regex(#"^\d expire at \w{3} \w{3} \d\d \d\d:\d\d:\d\d \S+ \d{4}:$"#)
        #expect(text.count { $0.contains(expiry) } >= 2)
    }

    @Test func watchesAreListedBySessionAndByPath() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.exists, TestClient.watch("/x", true))
        _ = try client.call(.getData, TestClient.watch("/zookeeper", true))
        let session = try #require(client.response).sessionID
        #expect(
            try answer("wchs", server) == "1 connections watching 2 paths\nTotal watches:2\n")
        #expect(
            Set(try lines("wchc", server)) == ["\(session)", "\t/x", "\t/zookeeper", ""])
        let byPath = try answer("wchp", server)
        #expect(byPath.contains("/x\n\t\(session)\n") && byPath.contains("/zookeeper\n\t\(session)\n"))
        #expect(byPath.hasSuffix("\n\n"))
    }

    /// As ZooKeeper counts: a watch of data and one of children are two, a persistent one is both.
    @Test func watchesCountOncePerKind() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: server.port)
        _ = try client.call(.exists, TestClient.watch("/", true))
        _ = try client.call(.getChildren, TestClient.watch("/", true))
        #expect(try answer("mntr", server).contains("zk_watch_count\t2\n"))
        _ = try client.call(.create, TestClient.create("/a"))
        #expect(try answer("mntr", server).contains("zk_watch_count\t1\n"))
    }

    @Test func hashListsEvery128thDigestAndSurvivesARestart() throws {
        let first = try TestServer { $0.fourLetterWords = .all }
        let client = try TestClient(port: first.port)
        for number in 0..<300 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
        }
        client.flush()
        for _ in 0..<300 { _ = try client.readReply() }
        let text = try lines("hash", first)
        #expect(text.map { $0.prefix { $0 != ":" } } == ["80", "100"])
        #expect(
            text.allSatisfy {
                $0.split(separator: " ").count == 2 && Int64($0.split(separator: " ")[1]) != nil
            })
        first.stop()
        let second = try TestServer(on: first.place) { $0.fourLetterWords = .all }
        #expect(try lines("hash", second) == text)
    }

    @Test func theTraceMaskIsKept() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        #expect(try answer("gtmk", server) == "306")
        #expect(try answer("stmk\0\0\0\0\0\0\u{1}\u{2}", server) == "258")
        #expect(try answer("gtmk", server) == "258")
    }

    @Test func theEndOfATelnetIsRefusedUnlessItIsAllowed() throws {
        let server = try TestServer()
        let client = try TestClient(rawTo: server.port)
        client.send([0xff, 0xf4, 0xff, 0xfd])
        #expect(
            String(decoding: try client.readToEnd(), as: UTF8.self)
                == "telnet close is not executed because it is not in the whitelist.\n")
    }

    @Test func repliesAreMeasured() throws {
        let server = try TestServer { $0.fourLetterWords = .all }
        #expect(try answer("mntr", server).contains("zk_last_client_response_size\t-1\n"))
        let client = try TestClient(port: server.port)
        _ = try client.call(.ping, xid: -2)
        _ = try client.call(.exists, TestClient.watch("/"))
        let text = try answer("mntr", server)
        // A header is 16 bytes, a stat 68.
        #expect(text.contains("zk_last_client_response_size\t84\n"))
        #expect(text.contains("zk_max_client_response_size\t84\n"))
        #expect(text.contains("zk_min_client_response_size\t16\n"))
        #expect(text.contains("zk_op_count_exists\t1\n") && text.contains("zk_op_count_ping\t1\n"))
        #expect(text.contains("zk_op_count_create_session\t1\n") && text.contains("zk_op_count_total\t3\n"))
    }

    private func answer(_ word: String, _ server: TestServer) throws -> String {
        let client = try TestClient(rawTo: server.port)
        client.send(Array(word.utf8))
        return String(decoding: try client.readToEnd(), as: UTF8.self)
    }

    private func lines(_ word: String, _ server: TestServer) throws -> [String] {
        try answer(word, server).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map(String.init)
    }
}
