import DataTree
import Jute
import NIOCore
import NIOSSL

/// How an operator proves over HTTP who he is: what stands in his Authorization header, and what his
/// connection shows.
package struct OperatorProof: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// It proves nothing.
        case unknown
        /// Somebody who may not do everything at the root.
        case forbidden
        case allowed
    }

    /// A word and, behind one blank, its data; nil if the header is anything else.
    private let scheme: Substring
    private let data: Substring?
    private let address: SocketAddress?
    private let certificate: NIOSSLCertificate?
    private let isEncrypted: Bool

    /// Nil if the header is not of this form.
    package init?(
        header: String, address: SocketAddress?, certificate: NIOSSLCertificate?, isEncrypted: Bool
    ) {
        var parts = header.split(separator: " ", omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        guard let first = parts.first, parts.count <= 2 else { return nil }
        scheme = first
        data = parts.count == 2 ? parts[1] : nil
        self.address = address
        self.certificate = certificate
        self.isEncrypted = isEncrypted
    }

    /// Whom it proves; empty if nobody.
    fileprivate func identities(_ settings: AuthenticationSettings) -> [Identity] {
        let rules = settings.rules
        guard rules.knows(String(scheme)) else { return [] }
        switch scheme {
        case "digest":
            guard let data, isEncrypted || !settings.requiresTLSForDigest else { return [] }
            return Authentication.digest(Array(data.utf8), rules: rules)
        case "ip":
            return address.map { [Authentication.identity(address: RemoteAddress($0).text)] } ?? []
        case "x509":
            guard let subject else { return [] }
            return Authentication.identities(certificateSubject: subject, rules: rules)
        default:
            return []
        }
    }

    /// Of a certificate that TLS has verified and that is valid at this time.
    private var subject: String? {
        guard let certificate, certificate.isValid(at: Clock.wallMilliseconds() / 1000) else { return nil }
        do {
            let fields = try CertificateFields(reading: certificate.toDERBytes())
            return try DistinguishedName.text(of: fields.subject)
        } catch {
            return nil
        }
    }
}

extension ServerObserver {
    /// Whether somebody may copy or replace the whole tree: he must hold all permissions on the root.
    package func judge(_ proof: OperatorProof) async throws(NotServingError) -> OperatorProof.Verdict {
        let identities = proof.identities(configuration.authentication)
        guard !identities.isEmpty else { return .unknown }
        return try await ask { $0.tree.mayDoEverythingAtRoot(identities) } ? .allowed : .forbidden
    }
}
