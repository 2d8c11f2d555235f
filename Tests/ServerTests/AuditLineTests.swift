import ByteCoding
import Jute
import Testing

@testable import Server

/// What a line of the audit log looks like, whatever stands in it.
@Suite struct AuditLineTests {
    private let joe = AuditAsker(
        session: AuditText("0x1"), user: AuditText("127.0.0.1,joe"), address: AuditText("127.0.0.1"))

    @Test func theFieldsHaveZooKeepersOrder() {
        let line = AuditLine(
            .setAcl, .success, by: joe, node: AuditText("/a"), flags: 1, acl: AuditText("world:anyone:r"))
        #expect(
            text(line) == "session=0x1\tuser=127.0.0.1,joe\tip=127.0.0.1\toperation=setAcl\tznode=/a"
                + "\tznode_type=ephemeral\tacl=world:anyone:r\tresult=success")
    }

    @Test func whatThereIsNothingToSayAboutIsLeftOut() {
        let nobody = AuditAsker(session: AuditText("0x1"), user: AuditText(""), address: AuditText("::1"))
        #expect(
            text(AuditLine(.multiOperation, .failure, by: nobody))
                == "session=0x1\tip=::1\toperation=multiOperation\tresult=failure")
        #expect(
            text(AuditLine(.create, .failure, by: joe, node: AuditText("/a"), flags: 7)).contains(
                "znode_type")
                == false)
    }

    @Test func theServerItselfHasAUserAndPerhapsASession() {
        let system = AuditText("root")
        #expect(
            text(AuditLine(.serverStop, .invoked, by: AuditAsker(system: system)))
                == "user=root\toperation=serverStop\tresult=invoked")
        #expect(
            text(
                AuditLine(
                    .ephemeralZNodeDeletionOnSessionCloseOrExpire, .success,
                    by: AuditAsker(system: system, session: AuditText("0x2")), node: AuditText("/e")))
                == "session=0x2\tuser=root\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire"
                + "\tznode=/e\tresult=success")
    }

    @Test func kindsOfNodesHaveJavasNames() {
        let names = [
            "persistent", "ephemeral", "persistent_sequential", "ephemeral_sequential", "container",
            "persistent_with_ttl", "persistent_sequential_with_ttl",
        ]
        for (flags, name) in names.enumerated() {
            let line = AuditLine(.create, .success, by: joe, flags: Int32(flags))
            #expect(text(line).contains("\tznode_type=\(name)\tresult="))
        }
    }

    // MARK: Values

    @Test(arguments: [
        ("/plain =,:~", "/plain =,:~"), ("/tab\tx", "/tab\\tx"), ("/line\nx", "/line\\nx"),
        ("/return\rx", "/return\\rx"), ("/escape\u{1b}[2J", "/escape\\u{1b}[2J"), ("/null\0", "/null\\u{0}"),
        ("/delete\u{7f}", "/delete\\u{7f}"), ("/back\\slash", "/back\\\\slash"), ("/größe日本", "/größe日本"),
        ("/paragraph\u{2029}", "/paragraph\\u{2029}"), ("/direction\u{202e}", "/direction\\u{202e}"),
        ("", ""),
    ])
    func whatIsNotPrintableIsEscaped(value: String, shown: String) {
        #expect(String(decoding: AuditText(value).bytes, as: UTF8.self) == shown)
    }

    @Test func whatIsNotUTF8IsShownAsSuch() {
        let text = AuditText(([0x2f, 0xff, 0x61] as [UInt8]).span.bytes)
        #expect(String(decoding: text.bytes, as: UTF8.self) == "/\u{fffd}a")
    }

    @Test func aLongValueIsCut() {
        for letter in ["x", "日", "\u{1f600}", "\t"] {
            let shown = String(
                decoding: AuditText(String(repeating: letter, count: 100_000)).bytes, as: UTF8.self)
            #expect(shown.hasSuffix("..."))
            #expect((4096...4110).contains(shown.unicodeScalars.count))
            #expect(!shown.contains("\u{fffd}"))
        }
        let longest = String(repeating: "x", count: 4096)
        #expect(String(decoding: AuditText(longest).bytes, as: UTF8.self) == longest)
    }

    @Test func anAccessListIsWrittenAsZooKeeperWritesIt() {
        let entries = [
            AccessEntry(.all, .anyone), AccessEntry(.read, Identity(scheme: "ip", id: "10.0.0.0/8")),
            AccessEntry([], Identity(scheme: "digest", id: "a\tb:c")),
        ]
        #expect(acl(entries) == "world:anyone:cdrwaip:10.0.0.0/8:rdigest:a\\tb:c:")
        #expect(acl([]) == "")
        var null: [UInt8] = []
        null.append(bigEndian: Int32(-1))
        #expect(AuditText(acl: null.span.bytes) == nil)
    }

    @Test func aLongAccessListIsCutWithoutBeingWrittenWhole() {
        let entries = (0..<50_000).map { AccessEntry(.read, Identity(scheme: "digest", id: "user\($0):x")) }
        let shown = acl(entries)
        #expect(shown?.hasPrefix("digest:user0:x:rdigest:user1:x:r") == true)
        #expect(shown?.hasSuffix("...") == true)
    }

    private func acl(_ entries: [AccessEntry]) -> String? {
        var encoded: [UInt8] = []
        AccessList.encode(entries, into: &encoded)
        return AuditText(acl: encoded.span.bytes).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    private func text(_ line: AuditLine) -> String {
        var bytes: [UInt8] = []
        line.encode(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: The beginning

    @Test func aLineInAFileBeginsAsApachesDoesAndOneInTheLogAsItsNeighboursDo() {
        let moment: Int64 = 1_700_000_000_007
        var bytes: [UInt8] = []
        var own = AuditStamp(.ownFile)
        own.append(milliseconds: moment, isFailure: false, to: &bytes)
        let shown = String(decoding: bytes, as: UTF8.self)
        #expect(
            shown.wholeMatch(
                of: #/2023-11-1[45] \d\d:\d\d:\d\d,007 INFO o\.a\.z\.a\.Slf4jAuditLogger: /#) != nil,
            "\(shown)")
        bytes = []
        var beside = AuditStamp(.serverLog)
        beside.append(milliseconds: moment, isFailure: true, to: &bytes)
        beside.append(milliseconds: moment + 1000, isFailure: false, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "2023-11-14T22:13:20.007Z ERROR audit: 2023-11-14T22:13:21.007Z INFO audit: ")
    }
}
