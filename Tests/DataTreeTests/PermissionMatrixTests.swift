import Jute
import Testing

@testable import DataTree

/// S5 and S8: what each request asks for, for every set of permissions, every kind of identity, alone and in
/// a multi. What Apache's server answers to a part of the same is compared by Tests/Live/auth.py.
struct PermissionMatrixTests {
    private struct Grant {
        var entry: Identity
        var somebody: [Identity]
        var isMeant: Bool
    }

    private static let address = Authentication.identity(address: "10.1.2.3")

    private static var grants: [Grant] {
        let joe = Identity(scheme: "digest", id: "joe:hash")
        let bob = Identity(scheme: "sasl", id: "bob")
        let ann = Identity(scheme: "x509", id: "CN=ann")
        let (near, far) = (
            Identity(scheme: "ip", id: "10.1.0.0/16"), Identity(scheme: "ip", id: "11.0.0.0/8")
        )
        return [
            Grant(entry: .anyone, somebody: [address], isMeant: true),
            Grant(entry: joe, somebody: [address, joe], isMeant: true),
            Grant(entry: joe, somebody: [address, Identity(scheme: "sasl", id: "joe:hash")], isMeant: false),
            Grant(entry: joe, somebody: [address], isMeant: false),
            Grant(entry: bob, somebody: [address, bob], isMeant: true),
            Grant(entry: bob, somebody: [address, joe, ann], isMeant: false),
            Grant(entry: ann, somebody: [address, joe, ann], isMeant: true),
            Grant(entry: ann, somebody: [address, bob], isMeant: false),
            Grant(entry: near, somebody: [address], isMeant: true),
            Grant(entry: far, somebody: [address], isMeant: false),
            Grant(entry: joe, somebody: [address, Identity(scheme: "super", id: "")], isMeant: true),
        ]
    }

    /// A tree with `/p`, which has this list, and `/p/c`.
    private static func fixture(_ permissions: Permissions, _ entry: Identity) throws -> TreeFixture {
        var rules = TreeRules()
        rules.areExtendedTypesEnabled = true
        rules.authentication.schemes = [.ip, .digest, .sasl, .x509]
        let fixture = TreeFixture(rules: rules)
        let list = [
            AccessEntry(permissions, entry), AccessEntry(.all, Identity(scheme: "digest", id: "x:hash")),
        ]
        try fixture.create("/p")
        try fixture.create("/p/c")
        let outcome = try fixture.submit(.setACL, Body.setACL("/p", list))
        try #require(outcome.error == .ok)
        return fixture
    }

    private static func isExpected(_ grant: Grant, _ permissions: Permissions, _ needed: Permissions) -> Bool
    {
        let isSuper = grant.somebody.contains { $0.scheme == "super" }
        return isSuper || (grant.isMeant && !permissions.isDisjoint(with: needed))
    }

    private static let writes: [(OperationCode, [UInt8], Permissions)] = [
        (.create, Body.create("/p/n"), .create), (.create2, Body.create("/p/n"), .create),
        (.createContainer, Body.create("/p/n", flags: 4), .create),
        (.createTTL, Body.create("/p/n", flags: 5, ttl: 1000), .create),
        (.delete, Body.pathNumber("/p/c"), .delete), (.setData, Body.setData("/p", [1]), .write),
        (.check, Body.pathNumber("/p"), .read), (.setACL, Body.setACL("/p", [.open]), .admin),
    ]

    @Test(arguments: 0..<32) func writesAskForTheirPermission(_ bits: Int32) throws {
        let permissions = Permissions(rawValue: bits)
        for grant in Self.grants {
            for (operation, body, needed) in Self.writes {
                let expected: ErrorCode = Self.isExpected(grant, permissions, needed) ? .ok : .noAuth
                if operation != .check {
                    let fixture = try Self.fixture(permissions, grant.entry)
                    let outcome = try fixture.submit(operation, body, identities: grant.somebody)
                    #expect(outcome.error == expected, "\(operation) with \(bits) for \(grant.entry)")
                }
                guard operation != .setACL else { continue }
                let fixture = try Self.fixture(permissions, grant.entry)
                let multi = try fixture.submit(
                    .multi, Body.multi([(operation, body)]), identities: grant.somebody)
                var reader = JuteReader(multi.reply.span.bytes)
                let isError = try reader.int32() == OperationCode.error.rawValue
                _ = try reader.bool()
                let error = isError ? ErrorCode(rawValue: try reader.int32()) : .ok
                #expect(error == expected, "\(operation) in a multi with \(bits) for \(grant.entry)")
            }
        }
    }

    @Test(arguments: 0..<32) func readsAskForTheirPermission(_ bits: Int32) throws {
        let permissions = Permissions(rawValue: bits)
        let path = Array("/p".utf8)
        for grant in Self.grants {
            let fixture = try Self.fixture(permissions, grant.entry)
            let reader = Reader(identities: grant.somebody)
            let mayRead = Self.isExpected(grant, permissions, .read)
            let mayAdminister = Self.isExpected(grant, permissions, .admin)
            func isGranted(_ read: (inout [UInt8]) throws(ErrorCode) -> Void) -> Bool {
                var reply: [UInt8] = []
                do throws(ErrorCode) {
                    try read(&reply)
                    return true
                } catch {
                    #expect(error == .noAuth)
                    return false
                }
            }
            #expect(
                isGranted { (reply) throws(ErrorCode) in
                    try fixture.tree.getData(path.span.bytes, reader, into: &reply)
                } == mayRead)
            #expect(
                isGranted { (reply) throws(ErrorCode) in
                    try fixture.tree.exists(path.span.bytes, reader, into: &reply)
                } == mayRead)
            #expect(
                isGranted { (reply) throws(ErrorCode) in
                    try fixture.tree.getChildren(path.span.bytes, withStat: true, reader, into: &reply)
                } == mayRead)
            #expect(
                isGranted { (reply) throws(ErrorCode) in
                    try fixture.tree.getAllChildrenNumber(path.span.bytes, reader, into: &reply)
                } == mayRead)
            #expect(
                isGranted { (reply) throws(ErrorCode) in
                    try fixture.tree.getACL(path.span.bytes, reader, into: &reply)
                } == (mayRead || mayAdminister))
            guard mayRead || mayAdminister else { continue }
            var reply: [UInt8] = []
            try fixture.tree.getACL(path.span.bytes, reader, into: &reply)
            var replyReader = JuteReader(reply.span.bytes)
            let list = try #require(try AccessList.decode(replyReader.accessList()))
            // A digest is shown only to those who might change it.
            #expect(list[1].identity.id == (mayAdminister ? "x:hash" : "x:x"))
            let shown = grant.entry.scheme == "digest" && !mayAdminister ? "joe:x" : grant.entry.id
            #expect(list[0].identity.id == shown)
        }
    }
}
