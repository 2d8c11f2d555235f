import Identifiers
import Jute

/// What one transaction did, for people.
struct Transaction {
    /// A detail of a transaction: a number, a word, or whether something holds.
    enum Detail {
        case number(Int64)
        case word(String)
        case flag
    }

    /// One change: the transaction's own, or one of a multi.
    struct Change {
        var type: OperationCode
        /// Nil for sessions and errors.
        var path: String?
        var dataByteCount: Int?
        var details: [(name: String, value: Detail)] = []
        /// The paths that a closed session's ephemeral nodes had.
        var removedPaths: [String] = []
    }

    var header: TransactionHeader
    var change: Change
    /// The parts of a multi.
    var parts: [Change] = []

    /// The names of all types that a log may hold.
    static let typeNames = [
        OperationCode.create, .create2, .createContainer, .createTTL, .delete, .deleteContainer, .setData,
        .setACL, .check, .multi, .reconfig, .createSession, .closeSession, .error,
    ].map(\.name).sorted()

    /// Decodes a record of the log; throws if it is none.
    init(_ record: RawSpan) throws(JuteDefect) {
        var reader = JuteReader(record)
        header = try TransactionHeader(from: &reader)
        guard header.type == .multi else {
            change = try Change(header.type, &reader)
            return
        }
        change = Change(type: .multi)
        var multi = try MultiTransaction(from: &reader)
        change.details.append(("operations", .number(Int64(multi.count))))
        if multi.isFailed { change.details.append(("failed", .flag)) }
        while let item = multi.next() {
            var body = JuteReader(item.body)
            parts.append(try Change(item.type, &body))
        }
    }

    /// Whether any change concerns a path at or below a prefix.
    func touches(_ prefix: String) -> Bool {
        ([change] + parts).contains { change in
            change.path?.hasPrefix(prefix) ?? false || change.removedPaths.contains { $0.hasPrefix(prefix) }
        }
    }

    func hasType(_ name: String) -> Bool {
        change.type.name == name || parts.contains { $0.type.name == name }
    }
}

extension Transaction.Change {
    init(_ type: OperationCode, _ reader: inout JuteReader) throws(JuteDefect) {
        self.type = type
        switch type {
        case .create, .create2, .createContainer, .createTTL:
            let body = try CreateTransaction(type, from: &reader)
            path = text(body.path)
            dataByteCount = body.data.bytes.byteCount
            if body.isEphemeral { details.append(("ephemeral", .flag)) }
            details.append(("cversion", .number(Int64(body.parentCversion))))
            if type == .createTTL { details.append(("ttl", .number(body.ttl))) }
        case .delete, .deleteContainer:
            path = text(try DeleteTransaction(from: &reader).path)
        case .setData, .reconfig:
            let body = try SetDataTransaction(from: &reader)
            path = text(body.path)
            dataByteCount = body.data.bytes.byteCount
            details.append(("version", .number(Int64(body.version))))
        case .setACL:
            let body = try SetACLTransaction(from: &reader)
            path = text(body.path)
            details.append(("aversion", .number(Int64(body.version))))
        case .check:
            let body = try CheckTransaction(from: &reader)
            path = text(body.path)
            details.append(("version", .number(Int64(body.version))))
        case .createSession:
            details.append(("timeout", .number(Int64(try reader.int32()))))
        case .error:
            let code = ErrorCode(rawValue: try reader.int32())
            details.append(("error", .word(code.name)))
        case .closeSession:
            let body = try CloseSessionTransaction(from: &reader)
            var paths = body.paths
            while let path = paths.next() { removedPaths.append(text(path)) }
            details.append(("ephemerals", .number(Int64(removedPaths.count))))
        default:
            throw .unknownType(type.rawValue)
        }
    }

    private func text(_ bytes: RawSpan) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension OperationCode {
    /// The name that ZooKeeper's users know.
    var name: String { "\(self)" }
}

extension ErrorCode {
    var name: String {
        switch self {
        case .ok: "Ok"
        case .systemError: "SystemError"
        case .runtimeInconsistency: "RuntimeInconsistency"
        case .dataInconsistency: "DataInconsistency"
        case .marshallingError: "MarshallingError"
        case .unimplemented: "Unimplemented"
        case .badArguments: "BadArguments"
        case .newConfigNoQuorum: "NewConfigNoQuorum"
        case .reconfigInProgress: "ReconfigInProgress"
        case .noNode: "NoNode"
        case .noAuth: "NoAuth"
        case .badVersion: "BadVersion"
        case .noChildrenForEphemerals: "NoChildrenForEphemerals"
        case .nodeExists: "NodeExists"
        case .notEmpty: "NotEmpty"
        case .sessionExpired: "SessionExpired"
        case .invalidACL: "InvalidACL"
        case .sessionMoved: "SessionMoved"
        case .ephemeralOnLocalSession: "EphemeralOnLocalSession"
        case .quotaExceeded: "QuotaExceeded"
        default: String(rawValue)
        }
    }
}
