import DataTree
import Identifiers
import Jute

/// What the audit log is told.
extension Core {
    /// A write of a client is on its way; the record decides it.
    func audit(
        _ operation: OperationCode, _ request: borrowing RequestFrame, decidedBy zxid: Zxid,
        on connection: Connection
    ) {
        guard let audit, let kind = AuditOperation(operation) else { return }
        audit.expect(
            AuditedRequest(
                operation, kind, request.body, zxid: zxid, hasRecord: true, by: asker(of: connection)))
    }

    /// A write of a client is refused, and no record says so. The line waits for those of the records before.
    func auditRefusal(
        of operation: OperationCode, _ request: borrowing RequestFrame, on connection: Connection
    ) {
        guard let audit, let kind = AuditOperation(operation) else { return }
        audit.expect(
            AuditedRequest(
                operation, kind, request.body, zxid: lastProposed, hasRecord: false,
                by: asker(of: connection)))
        guard outstanding.isEmpty else { return }
        audit.decideRefused(upTo: lastProposed, time: wallMilliseconds)
        audit.handOver()
    }

    /// Who asks: whoever has proved nothing has at least an address.
    private func asker(of connection: Connection) -> AuditAsker {
        if let asker = connection.auditAsker { return asker }
        let rules = tree.rules.authentication
        let names = connection.identities.map { Authentication.shownName($0, rules: rules) }
        let user = names.filter { $0.utf8.contains { $0 > 0x20 } }.joined(separator: ",")
        let asker = AuditAsker(
            session: AuditText(connection.sessionID.description), user: AuditText(user),
            address: AuditText(connection.address.text))
        connection.auditAsker = asker
        return asker
    }
}
