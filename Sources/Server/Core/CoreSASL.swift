import ByteCoding
import DataTree
import Jute
import Logging

/// SASL: a conversation of `sasl` requests in which a client proves who it is without sending its password.
extension Core {
    /// Takes one message of a client's and answers it.
    ///
    /// Without SASL users every message is answered by nothing and without an error, as Apache's server does.
    func negotiate(_ request: borrowing RequestFrame, on connection: Connection) {
        let token: [UInt8]
        do throws(JuteDefect) {
            var reader = JuteReader(request.body)
            let buffer = try reader.buffer()
            guard !buffer.isNull else {
                refuse(connection, "its SASL request holds nothing")
                return
            }
            // More than the exchange looks at need not be copied to be refused.
            let byteCount = min(buffer.bytes.byteCount, DigestMD5Exchange.tokenByteCountMax + 1)
            token = buffer.bytes.extracting(first: byteCount).withUnsafeBytes { [UInt8]($0) }
        } catch {
            refuse(connection, "its SASL request cannot be read: \(error)")
            return
        }
        guard let users = configuration.authentication.saslUsers else {
            reply(request, token: nil, on: connection)
            return
        }
        var exchange = connection.saslExchange ?? DigestMD5Exchange(nonce: Self.freshNonce())
        let outcome = exchange.take(token, users: users)
        connection.saslExchange = exchange
        switch outcome {
        case .challenge(let challenge):
            reply(request, token: challenge, on: connection)
        case .proved(let user, let confirmation):
            if add(identities(ofSASLUser: user), to: connection) {
                reply(request, token: confirmation, on: connection)
            } else {
                fail(request, "it has too many identities already", on: connection)
            }
        case .failed(let reason):
            fail(request, reason, on: connection)
        }
    }

    private func identities(ofSASLUser user: String) -> [Identity] {
        let identity = Identity(scheme: "sasl", id: user)
        let isSuper = configuration.authentication.saslSuperUsers.contains { $0.isSameText(as: user) }
        return isSuper ? [identity, Identity(scheme: "super", id: "")] : [identity]
    }

    private func fail(_ request: borrowing RequestFrame, _ reason: String, on connection: Connection) {
        let settings = configuration.authentication
        statistics.authFailures += 1
        let goesOn = settings.allowsFailedSASLClients && !settings.requiresSASL
        // A client that goes on may try again and again; one line of it is enough.
        if !goesOn || !connection.hasFailedSASL {
            let end = goesOn ? "; it may go on without" : ""
            warn(of: connection, "SASL failed: \(reason)\(end)")
        }
        connection.hasFailedSASL = true
        guard !goesOn else {
            reply(request, token: nil, on: connection)
            return
        }
        let error: ErrorCode = settings.requiresSASL ? .sessionClosedRequireSaslAuth : .authFailed
        reply(request, token: nil, error: error, thenCloses: true, on: connection)
    }

    /// - Parameter token: nil is sent as null.
    private func reply(
        _ request: borrowing RequestFrame, token: [UInt8]?, error: ErrorCode = .ok, thenCloses: Bool = false,
        on connection: Connection
    ) {
        var reply: [UInt8] = []
        let start = reply.beginReply(xid: request.xid, zxid: 0)
        if let token {
            reply.append(juteBuffer: token)
        } else {
            reply.append(bigEndian: Int32(-1))
        }
        reply.endReply(at: start)
        // With an error, too, there is a body.
        reply.replace(bigEndian: error.rawValue, at: start + 16)
        order(reply, thenCloses: thenCloses, on: connection)
    }

    /// 30 random bytes, as Java's server takes.
    private static func freshNonce() -> String {
        var random = SystemRandomNumberGenerator()
        return Authentication.base64((0..<30).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
}
