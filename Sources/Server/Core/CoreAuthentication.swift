import DataTree
import Jute
import Logging

/// Who clients are.
extension Core {
    /// Identities of one connection, in number and in bytes. Each is looked at whenever an access list is
    /// checked, and they stay until the connection ends.
    private static let identityCountMax = 1000
    private static let identityByteCountMax = 4 << 20

    /// Who a connection is from its beginning.
    func identities(of address: String) -> [Identity] { [Authentication.identity(address: address)] }

    /// Checks who the client says it is. It counts from this moment; the answer keeps its place.
    func authenticate(_ request: borrowing RequestFrame, on connection: Connection) {
        var reader = JuteReader(request.body)
        var reply: [UInt8] = []
        do throws(JuteDefect) {
            let body = try AuthRequest(from: &reader)
            let proved = Authentication.identities(
                scheme: body.scheme, data: body.data.bytes, rules: tree.rules)
            guard let proved, add(proved, to: connection) else {
                statistics.authFailures += 1
                let reason = proved == nil ? "" : ": it has too many identities already"
                logger.warning(
                    "\(connection.remoteDescription) \(connection.sessionID): authentication failed\(reason)")
                reply.appendReply(xid: request.xid, zxid: 0, error: .authFailed)
                order(reply, thenCloses: true, on: connection)
                return
            }
            reply.appendReply(xid: request.xid, zxid: 0, error: .ok)
        } catch {
            reply.appendReply(xid: request.xid, zxid: 0, error: .marshallingError)
        }
        order(reply, thenCloses: false, on: connection)
    }

    /// False if the connection would have more identities than it may.
    private func add(_ proved: [Identity], to connection: Connection) -> Bool {
        let new = proved.filter { !connection.identities.contains($0) }
        guard !new.isEmpty else { return true }
        let all = connection.identities + new
        let byteCount = all.reduce(0) { $0 + $1.scheme.utf8.count + $1.id.utf8.count }
        guard all.count <= Self.identityCountMax, byteCount <= Self.identityByteCountMax else { return false }
        connection.identities = all
        return true
    }
}
