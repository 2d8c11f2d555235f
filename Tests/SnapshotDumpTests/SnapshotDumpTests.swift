import Foundation
import Identifiers
import Jute
import Snapshots
import TestSupport
import Testing

@Suite struct SnapshotDumpTests {
    private let store: Store

    init() throws {
        store = try Store()
        try store.create("/app", "settings")
        try store.create("/app/b", "")
        try store.create("/app/a", "odd \u{1} \\ bytes")
        try store.create("/app/member", "me", flags: 1)
    }

    private func tool(_ arguments: String...) throws -> ToolRun { try ToolRun("zksnapdump", arguments) }

    @Test func theSummaryComesFromTheFooterAndSaysThatItIsNotVerified() throws {
        let file = try store.snapshot().path
        let run = try tool(file)
        #expect(run.exitCode == 0)
        #expect(run.output.contains("\(file): not verified"))
        #expect(
            run.output.contains("state at    0x100000004, epoch 1; image from 0x100000004 on, 0 tail records")
        )
        #expect(run.output.contains("8 nodes, 1 ephemeral; 1 sessions"))
        #expect(run.output.contains("written     2023-11-14T22:13:20.123Z, generation 1"))
    }

    @Test func aWholeSnapshotIsVerifiedAndItsTailReplayed() throws {
        let file = try store.snapshot(meanwhile: {
            for number in 0..<20 { try store.create("/app/late-\(number)", "x") }
            try store.create("/other", "y")
        }).path
        let run = try tool("--verify", "--tail", "--path", "/app/late-19", file)
        #expect(run.exitCode == 0)
        #expect(run.output.contains("\(file): verified"))
        #expect(run.lines.filter { $0.hasPrefix("record 0x1") && $0.contains("  create  ") }.count == 21)
        #expect(run.lines.last == "/app/late-19  1 bytes  0 children  version 0  mzxid 0x100000018")
    }

    @Test func nodesAreListedParentsFirstAndByName() throws {
        let file = try store.snapshot().path
        let run = try tool("--path", "/app", "--data", file)
        #expect(run.exitCode == 0)
        #expect(
            run.lines.suffix(4) == [
                "/app  8 bytes  3 children  version 0  mzxid 0x100000001  \"settings\"",
                "/app/a  13 bytes  0 children  version 0  mzxid 0x100000003  \"odd \\x01 \\\\ bytes\"",
                "/app/b  0 bytes  0 children  version 0  mzxid 0x100000002  \"\"",
                "/app/member  2 bytes  0 children  version 0  mzxid 0x100000004  owner 0x1001  \"me\"",
            ])
        #expect(try tool("--tree", file).lines.filter { $0.hasPrefix("/zookeeper") }.count == 3)
    }

    @Test func theSameStandsInJSONOneObjectALine() throws {
        let file = try store.snapshot().path
        let run = try tool("--json", "--tree", "--data", "--sessions", "--blocks", file)
        #expect(run.exitCode == 0)
        let objects = try run.objects()
        let node = try #require(objects.first { $0["path"] as? String == "/app/a" })
        let data = try #require(Data(base64Encoded: node["data"] as? String ?? "-"))
        #expect(String(decoding: data, as: UTF8.self) == "odd \u{1} \\ bytes")
        #expect(node["acl"] as? [String] == ["world:anyone:cdrwa"])
        #expect(node["dataBytes"] as? Int == 13)
        let summary = try #require(objects.first)
        #expect(summary["kind"] as? String == "snapshot")
        #expect(summary["checked"] as? String == "loaded")
        #expect(summary["nodes"] as? Int == objects.filter { $0["kind"] as? String == "node" }.count)
        #expect(summary["blocks"] as? Int == objects.filter { $0["kind"] as? String == "block" }.count)
        let session = try #require(objects.first { $0["kind"] as? String == "session" })
        #expect(session["id"] as? String == "0x1001" && session["timeoutMilliseconds"] as? Int == 30_000)
    }

    @Test func aDirectoryIsListedNewestFirstAndTheWorstDecides() throws {
        let old = try store.snapshot(generation: 1)
        try store.create("/more", "")
        let new = try store.snapshot(generation: 2)
        let good = try tool("--verify", store.path)
        #expect(good.exitCode == 0)
        #expect(
            good.lines.filter { $0.hasSuffix(": verified") }
                == [new.path, old.path].map { "\($0): verified" })
        try store.flipBit(of: new.path, at: 5000)
        let bad = try tool("--verify", store.path)
        #expect(bad.exitCode == 1)
        #expect(bad.output.contains("\(old.path): verified"))
        #expect(bad.problems.contains("\(new.path): "))
    }

    @Test func whateverTheFooterStatesOfTheStateIsComparedAndNamed() throws {
        let lies: [(String, (inout SnapshotEnd) -> Void)] = [
            ("end zxid", { $0.zxid = Zxid(rawValue: $0.zxid.rawValue + 1) }),
            ("nodes", { $0.totals.nodeCount += 1 }),
            ("tree digest", { $0.digest ^= 1 }),
            ("sessions", { $0.totals.sessionCount += 1 }),
            ("ephemeral nodes", { $0.totals.ephemeralCount += 1 }),
            ("bytes of paths and data", { $0.totals.dataByteCount += 1 }),
        ]
        for (generation, (what, lie)) in lies.enumerated() {
            let file = try store.snapshot(generation: UInt32(generation) + 1, edit: lie).path
            for option in ["--verify", "--tree", "--sessions"] {
                let run = try tool(option, file)
                #expect(run.exitCode == 1 && run.problems.contains("\(what): the footer says"), "\(what)")
            }
            #expect(try tool(file).exitCode == 0)
        }
    }

    /// The owner of a time to live looks like a session's number; who wrote the snapshot knows better.
    @Test func aNodeWithATimeToLiveIsNoEphemeral() throws {
        let store = try Store(extendedTypes: true)
        var body: [UInt8] = []
        CreateRequest.encode("/ttl", data: [], acl: [.open], flags: 5, ttl: 1000, into: &body)
        try store.submit(.createTTL, body)
        try store.create("/member", "me", flags: 1)
        let file = try store.snapshot().path
        #expect(try tool(file).output.contains("1 ephemeral;"))
        for option in ["--verify", "--tree", "--sessions"] {
            let run = try tool(option, file)
            #expect(run.exitCode == 0, "\(option): \(run.problems)")
        }
        let lie = try store.snapshot(generation: 2, edit: { $0.totals.ephemeralCount = 0 }).path
        #expect(try tool("--verify", lie).exitCode == 1)
    }

    @Test func everyExitCodeMeansWhatHelpSays() throws {
        let good = try store.snapshot(generation: 1).path
        #expect(try tool("--path", "/nothing", good).exitCode == 4)
        let lying = try store.snapshot(generation: 2, edit: { $0.digest ^= 1 }).path
        let disagreement = try tool("--verify", lying)
        #expect(disagreement.exitCode == 1)
        #expect(disagreement.problems.contains("tree digest: the footer says"))
        #expect(try tool(store.path + "/none.zks").exitCode == 3)
        #expect(try tool("--data", good).exitCode == 2)
        let help = try tool("--help")
        #expect(help.exitCode == 0)
        for word in ["EXAMPLES", "EXIT CODES", "--verify", "--json"] { #expect(help.output.contains(word)) }
    }
}
