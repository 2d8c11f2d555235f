import Identifiers
import Jute

/// What the audit log will say of a client's write, as far as the request tells; the record that decides it
/// tells the rest.
struct AuditedRequest: Sendable {
    /// Of the record that decides the request. Or, if the request was refused without one, of the record
    /// behind which its line stands.
    let zxid: Zxid
    let hasRecord: Bool
    let asker: AuditAsker
    let operation: AuditOperation
    /// Nil in a multi, and when it cannot be read.
    private(set) var path: AuditText?
    /// Of a request to create a node; of a multi, for each item, -1 where nothing is created.
    private(set) var flags: [Int32] = []
    private(set) var acl: AuditText?

    /// Keeps what the line needs; of a request that cannot be read, as much as can.
    ///
    /// - Parameter kind: what `operation` is called in the line.
    init(
        _ operation: OperationCode, _ kind: AuditOperation, _ body: RawSpan, zxid: Zxid, hasRecord: Bool,
        by asker: AuditAsker
    ) {
        self.zxid = zxid
        self.hasRecord = hasRecord
        self.asker = asker
        self.operation = kind
        do throws(JuteDefect) {
            try read(operation, body)
        } catch {
            // The client is told, and the line has what could be read.
        }
    }

    private mutating func read(_ operation: OperationCode, _ body: RawSpan) throws(JuteDefect) {
        var reader = JuteReader(body)
        switch operation {
        case .multi:
            var request = try MultiRequest(.multi, from: &reader)
            while let item = try request.next() { flags.append(try Self.flags(of: item, in: &request)) }
        case .create, .create2, .createContainer, .createTTL:
            path = try Self.path(body)
            flags = [try CreateRequest(operation, from: &reader).flags]
        case .setACL:
            path = try Self.path(body)
            acl = AuditText(acl: try SetACLRequest(from: &reader).acl)
        case .delete, .deleteContainer, .setData:
            path = try Self.path(body)
        default:
            break
        }
    }

    /// Every request for one node begins with its path.
    private static func path(_ body: RawSpan) throws(JuteDefect) -> AuditText {
        var reader = JuteReader(body)
        return AuditText(try reader.path())
    }

    private static func flags(
        of item: OperationCode, in request: inout MultiRequest
    ) throws(JuteDefect) -> Int32 {
        switch item {
        case .setData: _ = try request.setData()
        case .delete, .check: _ = try request.pathVersion()
        default: return try request.create(item).flags
        }
        return -1
    }

    /// The name is only in the record: the server has put a number behind what was asked for.
    var isSequential: Bool { flags.count == 1 && (flags[0] == 2 || flags[0] == 3 || flags[0] == 6) }
}
