import DataTree
import Jute
import Testing

struct AccessTests {
    private static let joe = Identity(scheme: "digest", id: "joe:CcEsDTJrAlJ3S1bQ2ebqGeAsdMI=")

    private static func mayRead(_ entry: String, scheme: String, as identities: [Identity]) throws -> Bool {
        let fixture = TreeFixture()
        let list = [AccessEntry(.read, Identity(scheme: scheme, id: entry))]
        #expect(try fixture.create("/a", acl: list).error == .ok)
        var reply: [UInt8] = []
        let path = Array("/a".utf8)
        do throws(ErrorCode) {
            try fixture.tree.getData(path.span.bytes, Reader(identities: identities), into: &reply)
            return true
        } catch {
            #expect(error == .noAuth)
            return false
        }
    }

    @Test(arguments: [
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false), ("10.1.2.3/24", "10.1.2.200", true),
        ("10.1.2.3/25", "10.1.2.200", false), ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false),
        ("2001:db8::/32", "2001:db8:0:1::5", true), ("2001:db8::/32", "2001:db9::", false),
        ("::1", "0:0:0:0:0:0:0:1", true), ("::ffff:1.2.3.4", "::ffff:102:304", true),
        ("::ffff:1.2.3.0/120", "1.2.3.77", true), ("::ffff:1.2.3.0/120", "1.2.4.77", false),
        ("::/0", "1.2.3.4", false), ("1.2.3.4", "::ffff:1.2.3.4", true), ("1::", "1:0::0", true),
    ])
    func anAddressMatchesByItsFirstBits(entry: String, address: String, expected: Bool) throws {
        let identity = Authentication.identity(address: address)
        #expect(try Self.mayRead(entry, scheme: "ip", as: [identity]) == expected)
    }

    @Test(arguments: [
        "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/", "", "a.b.c.d",
        "1:2:3:4:5:6:7",
        "1::2::3", ":1::2", "1::2:", "12345::", "::1/129", "1:2:3:4:5:6:7:8:9", "::g", "1:2:3:4:5:6:7::8",
    ])
    func whatIsNoAddressIsAnInvalidList(_ id: String) throws {
        let list = [AccessEntry(.all, Identity(scheme: "ip", id: id))]
        #expect(try TreeFixture().create("/a", acl: list).error == .invalidACL)
    }

    /// What an auth request proves.
    private static func judge(
        _ scheme: String, _ data: [UInt8], _ rules: AuthenticationRules = AuthenticationRules()
    ) -> Authentication {
        Authentication.judge(
            scheme: Array(scheme.utf8).span.bytes, data: JuteBuffer(bytes: data.span.bytes), rules: rules)
    }

    @Test func aDigestIsTheUserAndTheHashOfBoth() throws {
        guard case .proved(let identities) = Self.judge("digest", Array("joe:secret".utf8)) else {
            Issue.record("not proved")
            return
        }
        let expected = try #require(identities.first)
        #expect(identities == [Identity(scheme: "digest", id: "joe:oesAybBun9icKJjQSTRN8OBueSc=")])
        #expect(try Self.mayRead(expected.id, scheme: "digest", as: [expected]))
        #expect(try !Self.mayRead(expected.id, scheme: "digest", as: [Self.joe, .anyone]))
    }

    @Test func aKnownDigestComesOut() throws {
        // From ZooKeeper's documentation of superDigest.
        var rules = AuthenticationRules()
        rules.superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
        #expect(
            Self.judge("digest", Array("super:test".utf8), rules)
                == .proved([
                    Identity(scheme: "super", id: ""),
                    Identity(scheme: "digest", id: "super:D/InIHSb7yEEbrWz8b9l71RjZJU="),
                ]))
    }

    @Test func unknownSchemesProveNothing() {
        for scheme in ["world", "sasl", "x509", "super", "auth", "ensemble", "key", "", "Digest"] {
            #expect(Self.judge(scheme, []) == .failed)
        }
        #expect(Self.judge("ip", [1]) == .proved([]))
    }

    @Test func nothingIsForbiddenToSuperNorWithoutChecks() throws {
        #expect(try Self.mayRead("joe:x", scheme: "digest", as: [Identity(scheme: "super", id: "")]))
        var rules = TreeRules()
        rules.skipsAccessChecks = true
        let fixture = TreeFixture(rules: rules)
        try fixture.create("/a", acl: [AccessEntry(.read, Self.joe)])
        #expect(try fixture.setData("/a", [1]).error == .ok)
    }

    @Test func authStandsForWhatTheWriterHasProved() throws {
        let fixture = TreeFixture()
        let auth = [AccessEntry(.all, Identity(scheme: "auth", id: "ignored"))]
        let address = Authentication.identity(address: "1.2.3.4")
        #expect(try fixture.create("/a", acl: auth, identities: [address]).error == .invalidACL)
        #expect(try fixture.create("/a", acl: auth, identities: [address, Self.joe]).error == .ok)
        var reply: [UInt8] = []
        let path = Array("/a".utf8)
        try fixture.tree.getACL(path.span.bytes, Reader(identities: [Self.joe]), into: &reply)
        var reader = JuteReader(reply.span.bytes)
        #expect(try AccessList.decode(reader.accessList()) == [AccessEntry(.all, Self.joe)])
    }

    @Test func whoMayNotAdministerDoesNotSeeDigests() throws {
        let fixture = TreeFixture()
        let list = [AccessEntry(.all, Self.joe), AccessEntry(.read, .anyone)]
        try fixture.create("/a", acl: list)
        let path = Array("/a".utf8)
        for (identities, shown) in [([Self.joe], Self.joe.id), ([], "joe:x")] {
            var reply: [UInt8] = []
            try fixture.tree.getACL(path.span.bytes, Reader(identities: identities), into: &reply)
            var reader = JuteReader(reply.span.bytes)
            #expect(try AccessList.decode(reader.accessList())?.first?.identity.id == shown)
        }
    }
}
