import Glibc
import Identifiers
import Jute
import TestSupport
import Testing

@testable import Server

/// Which lines there are, in which order, and what becomes of those for which there is no room.
@Suite(.serialized) struct AuditLogTests {
    private let place: TemporaryDirectory
    private var path: String { place.appending("audit.log") }

    init() throws { place = try TemporaryDirectory() }

    // MARK: A server's lines

    @Test func withoutTheSettingThereAreNoLinesAndNoMeasures() throws {
        let server = try TestServer { $0.audit.file = path }
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        #expect(server.onCore { $0.measures.contains { $0.name.contains("audit") } } == false)
        server.stop()
        #expect(try place.names() == [])
    }

    @Test func linesStandInTheOrderOfTheLog() throws {
        let server = try audited()
        let client = try TestClient(port: server.port)
        for number in 0..<500 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
            // Refused with a record, and refused without one.
            client.queue(OperationCode.setData.rawValue, TestClient.set("/none\(number)", ""))
            client.queue(OperationCode.delete.rawValue, path(of: "/cut\(number)"))
        }
        client.flush()
        for _ in 0..<1500 { _ = try client.readReply() }
        server.stop()
        let expected = (0..<500).flatMap {
            [
                "create\tznode=/n\($0)\tznode_type=persistent\tresult=success",
                "setData\tznode=/none\($0)\tresult=failure", "delete\tznode=/cut\($0)\tresult=failure",
            ]
        }
        #expect(
            try operations() == ["serverStart\tresult=success"] + expected + ["serverStop\tresult=invoked"])
    }

    @Test func aLineIsThereForWhoeverHungUpBeforeTheAnswer() throws {
        let server = try audited()
        let client = try TestClient(port: server.port)
        for number in 0..<100 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
        }
        client.flush()
        client.hangUp()
        let other = try TestClient(port: server.port)
        while try other.call(.exists, TestClient.watch("/n99")).error != 0 { usleep(1000) }
        server.stop()
        #expect(try operations().count { $0.hasPrefix("create") } == 100)
    }

    /// With `closeSessionTxn.enabled=false` the record does not name them.
    @Test(arguments: [true, false])
    func nodesThatGoWithTheirSessionHaveALineEach(areListed: Bool) throws {
        let server = try audited { $0.nodes.listsNodesOfClosedSessions = areListed }
        let client = try TestClient(port: server.port)
        for name in ["/b", "/a"] { _ = try client.call(.create, TestClient.create(name, flags: 1)) }
        _ = try client.call(.closeSession)
        server.stop()
        let word = "ephemeralZNodeDeletionOnSessionCloseOrExpire"
        #expect(
            try operations().filter { $0.hasPrefix(word) }
                == ["/a", "/b"].map {
                    "\(word)\tznode=\($0)\tresult=success"
                })
    }

    @Test func aSequencesNodeHasTheNameThatItGot() throws {
        let server = try audited()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/s-", flags: 2))
        server.stop()
        #expect(
            try operations().contains(
                "create\tznode=/s-0000000000\tznode_type=persistent_sequential\tresult=success"))
    }

    @Test func measuresCountTheLines() throws {
        let server = try audited()
        let client = try TestClient(port: server.port)
        _ = try client.call(.create, TestClient.create("/a"))
        let deadline = Clock.monotonicNanoseconds() + 5_000_000_000
        while count("aviary_audit_lines", of: server) < 2, Clock.monotonicNanoseconds() < deadline {
            usleep(1000)
        }
        #expect(count("aviary_audit_lines", of: server) == 2)
        #expect(count("aviary_audit_lines_lost", of: server) == 0)
    }

    // MARK: The limit

    @Test func linesBeyondTheLimitAreLostCountedAndToldOfByALine() throws {
        let messages = KeptMessages()
        var settings = AuditSettings()
        settings.file = path
        let writer = try AuditWriter(settings, logger: messages.logger)
        let log = AuditLog(writer, logger: messages.logger, heldByteCountMax: 10_000)
        // Nobody writes yet: the disk takes nothing.
        for number in 0..<1000 { refuse("/n\(number)", log) }
        #expect((10_000..<10_300).contains(writer.waitingByteCount))
        let keptCount = 1000 - Int(writer.lostLineCount)
        #expect((50..<100).contains(keptCount))
        #expect(messages.count(of: "lines of the audit log are lost, 1 in all") == 1)
        writer.start()
        while writer.waitingByteCount > 0 { usleep(1000) }
        refuse("/after", log)
        refuse("/last", log)
        writer.stop(saying: .serverStop, .invoked)
        let all = try operations()
        #expect(all.count == keptCount + 4)
        #expect(all[keptCount - 1] == "delete\tznode=/n\(keptCount - 1)\tresult=failure")
        #expect(
            Array(all[keptCount...]) == [
                "auditLinesLost\tlines=\(1000 - keptCount)\tresult=failure",
                "delete\tznode=/after\tresult=failure", "delete\tznode=/last\tresult=failure",
                "serverStop\tresult=invoked",
            ])
        #expect(messages.count(of: "takes lines again; \(1000 - keptCount) were lost") == 1)
    }

    @Test func oneTurnsLinesKeepTheLimitToo() throws {
        let messages = KeptMessages()
        var settings = AuditSettings()
        settings.file = path
        let writer = try AuditWriter(settings, logger: messages.logger)
        let log = AuditLog(writer, logger: messages.logger, heldByteCountMax: 10_000)
        for number in 0..<1000 { refuse("/n\(number)", log, handsOver: false) }
        log.handOver()
        #expect(writer.waitingByteCount < 10_300)
        writer.start()
        writer.stop(saying: .serverStop, .invoked)
    }

    /// A pipe that nobody reads takes 64 KiB and then nothing, without an error.
    @Test func aServerWithAnAuditLogThatStandsStillGoesOnAndEnds() throws {
        try #require(mkfifo(path, 0o600) == 0)
        let server = try audited()
        let client = try TestClient(port: server.port)
        for number in 0..<2000 {
            client.queue(OperationCode.create.rawValue, TestClient.create("/n\(number)"))
        }
        client.flush()
        for _ in 0..<2000 { #expect(try client.readReply().error == 0) }
        #expect(count("aviary_audit_waiting_bytes", of: server) > 100_000)
        #expect(server.stop() == .stopped)
        #expect(server.messages.count(of: "takes no lines of the audit log") == 1)
    }

    // MARK: Helpers

    private func audited(
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws -> TestServer {
        try TestServer {
            $0.audit.isOn = true
            $0.audit.file = path
            change(&$0)
        }
    }

    /// What the lines say from the operation on.
    private func operations() throws -> [String] {
        let text = String(decoding: try place.contents(of: "audit.log"), as: UTF8.self)
        return text.split(separator: "\n").map { line in
            guard let range = line.firstRange(of: "operation=") else { return "no operation: \(line)" }
            return String(line[range.upperBound...])
        }
    }

    private func path(of name: String) -> [UInt8] {
        var body: [UInt8] = []
        body.append(juteString: name)
        return body
    }

    private func refuse(_ name: String, _ log: AuditLog, handsOver: Bool = true) {
        let asker = AuditAsker(session: AuditText("0x1"), user: AuditText("u"), address: AuditText("::1"))
        let body = path(of: name)
        log.expect(
            AuditedRequest(.delete, .delete, body.span.bytes, zxid: .zero, hasRecord: false, by: asker))
        log.decideRefused(upTo: .zero, time: 0)
        if handsOver { log.handOver() }
    }

    private func count(_ name: String, of server: TestServer) -> Int {
        let found = server.onCore { core -> Int in
            switch core.measures.first(where: { $0.name == name })?.value {
            case .counter(.integer(let number)), .gauge(.integer(let number)): Int(number)
            default: -1
            }
        }
        return found ?? -1
    }
}
