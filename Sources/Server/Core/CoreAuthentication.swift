import DataTree
import Identifiers
import Jute
import Logging

/// Who clients are.
extension Core {
    /// Identities of one connection, in number and in bytes. Each is looked at whenever an access list is
    /// checked, and they stay until the connection ends.
    private static let identityCountMax = 1000
    private static let identityByteCountMax = 4 << 20

    private var settings: AuthenticationSettings { configuration.authentication }

    /// Who a connection is from its beginning.
    func identities(of address: String) -> [Identity] { [Authentication.identity(address: address)] }

    // MARK: Proofs

    /// Checks who the client says it is. It counts from this moment; the answer keeps its place.
    func authenticate(_ request: borrowing RequestFrame, on connection: Connection) {
        var reader = JuteReader(request.body)
        do throws(JuteDefect) {
            let body = try AuthRequest(from: &reader)
            guard mayProve(body.scheme, on: connection) else {
                refuseProof(
                    request, "no digest without TLS (DigestAuthenticationProvider.requireTLS)",
                    on: connection)
                return
            }
            let judgement = Authentication.judge(
                scheme: body.scheme, data: body.data, rules: tree.rules.authentication)
            noteEnsemble(scheme: body.scheme, isNamed: body.data.bytes.byteCount > 0, judgement)
            switch judgement {
            case .proved(let identities) where add(identities, to: connection):
                var reply: [UInt8] = []
                reply.appendReply(xid: request.xid, zxid: 0, error: .ok)
                order(reply, thenCloses: false, on: connection)
            case .proved:
                refuseProof(request, "it has too many identities already", on: connection)
            case .failed:
                refuseProof(request, "no scheme of this server proves it", on: connection)
            case .otherEnsemble:
                refuse(connection, "it looks for another ensemble")
            }
        } catch {
            refuse(connection, "its auth request cannot be read: \(error)")
        }
    }

    /// Counts clients that say which ensemble they look for.
    private func noteEnsemble(scheme: RawSpan, isNamed: Bool, _ judgement: Authentication) {
        let rules = tree.rules.authentication
        guard rules.schemes.contains(.ensemble),
            scheme.withUnsafeBytes({ $0.elementsEqual("ensemble".utf8) })
        else { return }
        if judgement == .otherEnsemble {
            statistics.ensembleAuthentication.failed += 1
        } else if isNamed, !rules.ensembleNames.isEmpty {
            statistics.ensembleAuthentication.succeeded += 1
        } else {
            statistics.ensembleAuthentication.skipped += 1
        }
    }

    /// Whether a scheme is taken on a connection as it is encrypted, or not.
    private func mayProve(_ scheme: RawSpan, on connection: Connection) -> Bool {
        guard settings.requiresTLSForDigest, !connection.isEncrypted else { return true }
        return !scheme.withUnsafeBytes { $0.elementsEqual("digest".utf8) }
    }

    private func refuseProof(_ request: borrowing RequestFrame, _ reason: String, on connection: Connection) {
        statistics.authFailures += 1
        warn(of: connection, "authentication failed: \(reason)")
        var reply: [UInt8] = []
        reply.appendReply(xid: request.xid, zxid: 0, error: .authFailed)
        order(reply, thenCloses: true, on: connection)
    }

    /// Takes the subject of a certificate that TLS has verified, in the form of RFC 2253, before anything
    /// that the client sends is looked at. False if the connection must be closed.
    func identify(_ connection: Connection, certificateSubject: String) -> Bool {
        let rules = tree.rules.authentication
        guard rules.schemes.contains(.x509) else { return true }
        return add(
            Authentication.identities(certificateSubject: certificateSubject, rules: rules), to: connection)
    }

    /// Gives a connection identities that it has proved; false if it would have more than it may.
    func add(_ proved: [Identity], to connection: Connection) -> Bool {
        let new = proved.filter { !connection.proofs.contains($0) }
        if !new.isEmpty {
            let byteCount = new.reduce(connection.proofs.byteCount) {
                $0 + $1.scheme.utf8.count + $1.id.utf8.count
            }
            guard connection.proofs.count + new.count <= Self.identityCountMax,
                byteCount <= Self.identityByteCountMax
            else { return false }
            for identity in new { connection.proofs.insert(identity) }
            connection.auditAsker = nil
            if new.contains(where: { $0.scheme == "super" }) { noteSuper(proved, connection) }
        }
        if let bound = connection.missingProof {
            if connection.proofs.contains(bound) { completeResumption(connection) }
        } else {
            bindSession(of: connection)
        }
        connection.isAdmitted = admits(connection)
        return true
    }

    /// One line whenever somebody becomes free of all access lists, and by what.
    private func noteSuper(_ proved: [Identity], _ connection: Connection) {
        let identity = proved.last { $0.scheme != "super" }
        let name = identity.map { Authentication.shownName($0, rules: tree.rules.authentication) } ?? ""
        logger.notice(
            """
            \(connection.remoteDescription) \(connection.sessionID): superuser by \
            \(identity?.scheme ?? "") \(LogText.escaped(name)): no access list is checked for it
            """)
    }

    // MARK: Who may ask

    /// Whether a connection's proofs are enough for requests.
    func admits(_ connection: Connection) -> Bool {
        guard connection.missingProof == nil else { return false }
        let required = settings.requiredSchemes
        return required.isEmpty || connection.identities.contains { required.contains($0.scheme) }
    }

    /// Answers a request of somebody who has not proved what he must, and closes. The session goes on.
    func refuseUnproved(_ request: borrowing RequestFrame, on connection: Connection) {
        statistics.authFailures += 1
        let isBound = connection.missingProof != nil
        let reason =
            isBound
            ? "it has not proved to be whom its session is bound to"
            : "it has proved none of \(settings.requiredSchemes.joined(separator: ", "))"
        warn(of: connection, "closed: \(reason)")
        var reply: [UInt8] = []
        reply.appendReply(
            xid: request.xid, zxid: 0, error: isBound ? .authFailed : .sessionClosedRequireSaslAuth)
        order(reply, thenCloses: true, on: connection)
    }

    /// Binds the connection's session to what the connection has proved first.
    func bindSession(of connection: Connection) {
        guard bindings.isOn, connection.sessionID != .none else { return }
        let rules = tree.rules.authentication
        guard let identity = connection.identities.first(where: { rules.isProof($0.scheme) }) else { return }
        bindings.bind(connection.sessionID, to: identity)
    }
}
