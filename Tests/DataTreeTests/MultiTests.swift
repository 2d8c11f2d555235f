import DataTree
import Identifiers
import Jute
import Testing

struct MultiTests {
    /// What a multi's reply says, item by item: the type, and an error's code.
    static func results(_ reply: [UInt8]) throws -> [String] {
        var reader = JuteReader(reply.span.bytes)
        var results: [String] = []
        while true {
            let header = try MultiHeader(from: &reader)
            if header.isDone {
                #expect(header == .end && reader.remainingByteCount == 0)
                return results
            }
            switch OperationCode(rawValue: header.type) {
            case .create: results.append("create \(try text(&reader))")
            case .create2:
                results.append("create2 \(try text(&reader))")
                _ = try Stat(from: &reader)
            case .setData: results.append("set \(try Stat(from: &reader).version)")
            case .error: results.append("error \(try reader.int32())")
            default: results.append("type \(header.type)")
            }
        }
    }

    private static func text(_ reader: inout JuteReader) throws -> String {
        try reader.string().withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func anOperationSeesThoseBeforeIt() throws {
        let fixture = TreeFixture()
        let outcome = try fixture.submit(
            .multi,
            Body.multi([
                (.create, Body.create("/a")), (.create2, Body.create("/a/x")),
                (.setData, Body.setData("/a/x", [1], version: 0)), (.check, Body.pathNumber("/a/x", 1)),
                (.create, Body.create("/a/s", flags: 2)), (.delete, Body.pathNumber("/a/x", 1)),
            ]))
        #expect(
            try Self.results(outcome.reply) == [
                "create /a", "create2 /a/x", "set 1", "type 13", "create /a/s0000000001", "type 2",
            ])
        #expect(try fixture.children("/a") == ["s0000000001"])
        #expect(fixture.nextZxid == 2)
    }

    @Test func aFailedMultiChangesNothingAndSaysWhere() throws {
        let fixture = TreeFixture()
        try fixture.create("/a", [1])
        let before = try WholeTree(&fixture.tree)
        let outcome = try fixture.submit(
            .multi,
            Body.multi([
                (.create, Body.create("/b")), (.setData, Body.setData("/a", [2])),
                (.create, Body.create("/a")), (.create, Body.create("/c")),
            ]))
        #expect(outcome.error == .ok)
        #expect(try Self.results(outcome.reply) == ["error 0", "error 0", "error -110", "error -2"])
        #expect(outcome.events.isEmpty)
        #expect(try WholeTree(&fixture.tree) == before)
    }

    @Test func aFailedMultiLeavesWhatWasPendingBefore() throws {
        let fixture = TreeFixture()
        let first = try fixture.prepare(
            .create, Body.create("/a", acl: [AccessEntry([.read, .create], .anyone)]))
        let failed = try fixture.prepare(
            .multi,
            Body.multi([
                (.create, Body.create("/a/x")), (.create, Body.create("/a/x/y")),
                (.delete, Body.pathNumber("/a/x/y")), (.setData, Body.setData("/a", [1])),
            ]))
        // Whoever may not write is told so, although the multi never happened.
        let sequential = try fixture.prepare(.create, Body.create("/a/s", flags: 2))
        for record in [first.record, failed.record, sequential.record] { _ = try fixture.apply(record) }
        #expect(try fixture.children("/a") == ["s0000000000"], "a failed multi does not count as a creation")
    }

    @Test func anEmptyMultiIsLegal() throws {
        let fixture = TreeFixture()
        #expect(try Self.results(fixture.submit(.multi, Body.multi([])).reply) == [])
    }

    @Test func whatApacheLeavesOfAFailedMultiGivesTheSameReply() throws {
        let fixture = TreeFixture()
        var record: [UInt8] = []
        let origin = fixture.origin()
        TransactionHeader(
            sessionID: origin.sessionID, cxid: 1, zxid: origin.zxid, time: origin.time, type: .multi
        ).encode(into: &record)
        record += [0, 0, 0, 3]
        // A deletion that would have gone well, the failure, and one after it.
        record += [0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 0, 2] + Array("/a".utf8)
        record += [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0x92]
        record += [0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 0, 2] + Array("/a".utf8)
        #expect(try Self.results(fixture.apply(record).reply) == ["error 0", "error -110", "error -2"])
    }

    @Test(arguments: [OperationCode.setACL, .getData, .multi, .createSession, .error])
    func whatMayNotStandInAMultiMakesItUnreadable(_ operation: OperationCode) throws {
        let fixture = TreeFixture()
        var record: [UInt8] = []
        let body = Body.multi([(operation, [])])
        #expect(throws: JuteDefect.unknownType(operation.rawValue)) {
            try fixture.tree.prepare(.multi, body.span.bytes, fixture.origin(), into: &record)
        }
    }
}
