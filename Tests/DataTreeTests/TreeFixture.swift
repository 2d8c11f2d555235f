import ByteCoding
import DataTree
import Identifiers
import Jute
import Testing

/// A tree with a pipeline in front: what a request's record says is applied at once, as a lone server does.
final class TreeFixture {
    var tree: DataTree
    var nextZxid: Int64 = 1
    /// Milliseconds; a new one for every write.
    var time: Int64 = 1_700_000_000_000
    /// Everything made so far, in order.
    var records: [[UInt8]] = []

    struct Outcome {
        var error: ErrorCode
        var reply: [UInt8]
        var events: [WatchEvent]
        var applied: Applied
    }

    init(rules: TreeRules = TreeRules(), hashSeed: UInt64 = 7) {
        tree = DataTree(hashSeed: hashSeed, rules: rules)
    }

    func origin(session: Int64 = 0x1001, identities: [Identity] = []) -> RequestOrigin {
        time += 1
        return RequestOrigin(
            sessionID: SessionID(rawValue: session), cxid: Int32(truncatingIfNeeded: nextZxid),
            zxid: Zxid(rawValue: nextZxid), time: time, identities: identities)
    }

    /// Makes a request's record; it stays pending.
    func prepare(
        _ operation: OperationCode, _ body: [UInt8], session: Int64 = 0x1001, identities: [Identity] = []
    ) throws -> (error: ErrorCode, record: [UInt8]) {
        var record: [UInt8] = []
        let origin = origin(session: session, identities: identities)
        let error = try tree.prepare(operation, body.span.bytes, origin, into: &record)
        nextZxid += 1
        records.append(record)
        return (error, record)
    }

    /// Applies a record as it comes; the tree must agree with its digest.
    func apply(_ record: [UInt8]) throws -> Outcome {
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        let applied = try tree.apply(record.span.bytes, wantsReply: true, reply: &reply, events: &events)
        #expect(!applied.isDigestMismatch)
        return Outcome(error: applied.error, reply: reply, events: events, applied: applied)
    }

    @discardableResult
    func submit(
        _ operation: OperationCode, _ body: [UInt8], session: Int64 = 0x1001, identities: [Identity] = []
    ) throws -> Outcome {
        let (error, record) = try prepare(operation, body, session: session, identities: identities)
        let outcome = try apply(record)
        #expect(outcome.error == error)
        return outcome
    }

    // Requests that tests make often.

    @discardableResult
    func create(
        _ path: String, _ data: [UInt8]? = [], flags: Int32 = 0, acl: [AccessEntry] = [.open],
        session: Int64 = 0x1001, identities: [Identity] = []
    ) throws -> Outcome {
        try submit(
            .create2, Body.create(path, data, flags: flags, acl: acl), session: session,
            identities: identities)
    }

    @discardableResult
    func delete(_ path: String, version: Int32 = -1, session: Int64 = 0x1001) throws -> Outcome {
        try submit(.delete, Body.pathNumber(path, version), session: session)
    }

    @discardableResult
    func setData(_ path: String, _ data: [UInt8]?, version: Int32 = -1) throws -> Outcome {
        try submit(.setData, Body.setData(path, data, version: version))
    }

    @discardableResult
    func closeSession(_ session: Int64) throws -> Outcome { try submit(.closeSession, [], session: session) }

    func stat(_ path: String) throws -> Stat {
        var reply: [UInt8] = []
        try tree.exists(Array(path.utf8).span.bytes, Reader(identities: []), into: &reply)
        var reader = JuteReader(reply.span.bytes)
        return try Stat(from: &reader)
    }

    func exists(_ path: String) -> Bool {
        var reply: [UInt8] = []
        do throws(ErrorCode) {
            try tree.exists(Array(path.utf8).span.bytes, Reader(identities: []), into: &reply)
            return true
        } catch { return false }
    }

    /// Nil for null data.
    func data(_ path: String) throws -> [UInt8]? {
        var reply: [UInt8] = []
        try tree.getData(Array(path.utf8).span.bytes, Reader(identities: []), into: &reply)
        var reader = JuteReader(reply.span.bytes)
        let data = try reader.buffer()
        return data.isNull ? nil : data.bytes.withUnsafeBytes { [UInt8]($0) }
    }

    /// The path and all below it, parents first; empty when it does not exist.
    func subtree(_ path: String) throws -> [String] {
        guard exists(path) else { return [] }
        return try [path] + children(path).flatMap { try subtree(path + "/" + $0) }
    }

    func children(_ path: String) throws -> [String] {
        var reply: [UInt8] = []
        try tree.getChildren(
            Array(path.utf8).span.bytes, withStat: false, Reader(identities: []), into: &reply)
        var reader = JuteReader(reply.span.bytes)
        var strings = try reader.strings()
        var names: [String] = []
        while let name = strings.next() {
            names.append(name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        return names.sorted()
    }
}

/// Request bodies.
enum Body {
    static func create(
        _ path: String, _ data: [UInt8]? = [], flags: Int32 = 0, acl: [AccessEntry] = [.open],
        ttl: Int64? = nil
    ) -> [UInt8] {
        var body: [UInt8] = []
        CreateRequest.encode(path, data: data, acl: acl, flags: flags, ttl: ttl, into: &body)
        return body
    }

    static func setData(_ path: String, _ data: [UInt8]?, version: Int32 = -1) -> [UInt8] {
        var body: [UInt8] = []
        SetDataRequest.encode(path, data: data, version: version, into: &body)
        return body
    }

    static func setACL(_ path: String, _ acl: [AccessEntry], version: Int32 = -1) -> [UInt8] {
        var body: [UInt8] = []
        SetACLRequest.encode(path, acl: acl, version: version, into: &body)
        return body
    }

    static func pathNumber(_ path: String, _ number: Int32 = -1) -> [UInt8] {
        var body: [UInt8] = []
        PathNumberRequest.encode(path, number, into: &body)
        return body
    }

    static func path(_ path: String) -> [UInt8] {
        var body: [UInt8] = []
        PathRequest.encode(path, into: &body)
        return body
    }

    static func multi(_ items: [(OperationCode, [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        for (operation, item) in items {
            MultiHeader(type: operation.rawValue, error: -1).encode(into: &body)
            body += item
        }
        MultiHeader.end.encode(into: &body)
        return body
    }
}
