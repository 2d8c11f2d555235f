import Jute

/// One line of the audit log: its fields in ZooKeeper's order, `key=value` with a tab between two. What
/// there is nothing to say about is left out.
struct AuditLine {
    enum Result: String, Sendable {
        case success, failure, invoked
    }

    var asker: AuditAsker
    var operation: AuditOperation
    var node: AuditText?
    /// Of a request to create a node. Nothing is said of flags that mean no kind of node.
    var flags: Int32?
    var acl: AuditText?
    /// Of lines that could not be kept.
    var lostCount: UInt64?
    var result: Result

    init(
        _ operation: AuditOperation, _ result: Result, by asker: AuditAsker, node: AuditText? = nil,
        flags: Int32? = nil, acl: AuditText? = nil, lostCount: UInt64? = nil
    ) {
        self.asker = asker
        self.operation = operation
        self.node = node
        self.flags = flags
        self.acl = acl
        self.lostCount = lostCount
        self.result = result
    }

    /// Appends the fields, without a line end.
    func encode(into bytes: inout [UInt8]) {
        bytes += asker.bytes
        bytes += "\toperation=".utf8
        bytes += operation.rawValue.utf8
        if let node {
            bytes += "\tznode=".utf8
            bytes += node.bytes
        }
        if let flags, let type = Self.nodeType(flags) {
            bytes += "\tznode_type=".utf8
            bytes += type.utf8
        }
        if let acl {
            bytes += "\tacl=".utf8
            bytes += acl.bytes
        }
        if let lostCount {
            bytes += "\tlines=".utf8
            bytes += String(lostCount).utf8
        }
        bytes += "\tresult=".utf8
        bytes += result.rawValue.utf8
    }

    private static func nodeType(_ flags: Int32) -> String? {
        switch flags {
        case 0: "persistent"
        case 1: "ephemeral"
        case 2: "persistent_sequential"
        case 3: "ephemeral_sequential"
        case 4: "container"
        case 5: "persistent_with_ttl"
        case 6: "persistent_sequential_with_ttl"
        default: nil
        }
    }
}

/// What a line is about, in ZooKeeper's words.
enum AuditOperation: String, Sendable {
    case serverStart, serverStop
    case create, delete, setData, setAcl, multiOperation, reconfig
    case ephemeralZNodeDeletionOnSessionCloseOrExpire
    /// This server's own word: lines that should stand here could not be kept.
    case auditLinesLost

    /// Nil for what leaves no line.
    init?(_ operation: OperationCode) {
        switch operation {
        case .create, .create2, .createContainer, .createTTL: self = .create
        case .delete, .deleteContainer: self = .delete
        case .setData: self = .setData
        case .setACL: self = .setAcl
        case .multi: self = .multiOperation
        case .reconfig: self = .reconfig
        default: return nil
        }
    }
}

/// Who did what a line is about: the first fields of the line.
struct AuditAsker: Equatable, Sendable {
    let bytes: [UInt8]

    /// A client; the names that it has proved have commas between them, and without any the field is left
    /// out.
    init(session: AuditText, user: AuditText, address: AuditText) {
        var bytes = Array("session=".utf8) + session.bytes
        if !user.bytes.isEmpty { bytes += Array("\tuser=".utf8) + user.bytes }
        self.bytes = bytes + Array("\tip=".utf8) + address.bytes
    }

    /// The server itself: on its own behalf, or at the end of a session.
    init(system user: AuditText, session: AuditText? = nil) {
        let start = session.map { Array("session=".utf8) + $0.bytes + [UInt8(ascii: "\t")] } ?? []
        bytes = start + Array("user=".utf8) + user.bytes
    }
}
