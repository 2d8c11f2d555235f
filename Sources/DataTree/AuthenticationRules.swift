import Jute

/// The schemes by which somebody may be known to this server, `world` aside.
///
/// An access list that names another scheme is invalid, an auth request for one fails, and entries of one
/// that are in the tree already match nobody.
package struct AuthenticationSchemes: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let ip = AuthenticationSchemes(rawValue: 1)
    package static let digest = AuthenticationSchemes(rawValue: 2)
    package static let sasl = AuthenticationSchemes(rawValue: 4)
    package static let x509 = AuthenticationSchemes(rawValue: 8)
    /// Clients name the ensemble that they look for; proves nothing.
    package static let ensemble = AuthenticationSchemes(rawValue: 16)

    /// The scheme that a word names; nil for `world`, `auth`, `super` and everything unknown.
    package init?(word: String) {
        switch word {
        case "ip": self = .ip
        case "digest": self = .digest
        case "sasl": self = .sasl
        case "x509": self = .x509
        case "ensemble": self = .ensemble
        default: return nil
        }
    }
}

/// What this server takes for a proof, and whom it lets do everything.
package struct AuthenticationRules: Equatable, Sendable {
    package var schemes: AuthenticationSchemes = [.ip, .digest]
    package var digestAlgorithm = DigestAlgorithm.sha1
    /// `user:base64` of whom nothing is forbidden (`DigestAuthenticationProvider.superDigest`).
    package var superDigest: String?
    /// The certificate's subject to whom nothing is forbidden (`X509AuthenticationProvider.superUser`).
    package var certificateSuperUser: String?
    /// An id in `sasl` entries that stands for every SASL user (`letAnySaslUserDoX`).
    package var anySASLUser: String?
    /// The names of this ensemble (`ensembleAuthName`); empty takes any.
    package var ensembleNames: [String] = []

    package init() {}

    /// Whether a word names a scheme that is known here.
    package func knows(_ word: String) -> Bool {
        guard let scheme = AuthenticationSchemes(word: word) else { return false }
        return schemes.contains(scheme)
    }

    /// Whether an access list may name this identity.
    func isValid(_ identity: Identity) -> Bool {
        if identity.scheme == "world" { return identity == .anyone }
        guard knows(identity.scheme) else { return false }
        return switch identity.scheme {
        case "digest": Self.isUserAndHash(identity.id)
        case "ip": AddressRange(identity.id) != nil
        case "sasl": Self.isPrincipal(identity.id)
        case "x509": CertificateName.isValid(identity.id)
        default: false
        }
    }

    /// Whether identities of this scheme come from a proof, and may stand for `auth`.
    package func isProof(_ scheme: String) -> Bool { scheme != "ip" && scheme != "ensemble" && knows(scheme) }

    /// Whether somebody's identity is one that an access list's entry means.
    func isMatch(_ identity: Identity, _ named: Identity) -> Bool {
        guard identity.scheme == named.scheme, knows(named.scheme) else { return false }
        switch named.scheme {
        case "digest":
            return ConstantTime.areEqual(identity.id, named.id)
        case "ip":
            guard let range = AddressRange(named.id), let address = AddressRange.address(identity.id) else {
                return false
            }
            return range.contains(address)
        case "sasl":
            if identity.id == "super" || identity.id.isSameText(as: named.id) { return true }
            return anySASLUser.map { named.id.isSameText(as: $0) } ?? false
        case "x509":
            if identity.id.isSameText(as: named.id) { return true }
            return certificateSuperUser.map { identity.id.isSameText(as: $0) } ?? false
        default:
            return false
        }
    }

    /// Exactly two parts around a colon; a last part that is empty does not count, as Java splits.
    private static func isUserAndHash(_ id: String) -> Bool {
        var parts = id.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        return parts.count == 2
    }

    /// Any text without `@`; with one, `name@realm` or `name/host@realm` and no further `/` or `@`.
    private static func isPrincipal(_ id: String) -> Bool {
        let halves = id.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard halves.count > 1 else { return true }
        let slash = UInt8(ascii: "/")
        return halves.count == 2 && !halves[1].contains(slash) && halves[0].count(where: { $0 == slash }) <= 1
    }
}
