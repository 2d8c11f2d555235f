import Crypto
import Jute

/// What auth requests prove, and which identities match which.
package enum Authentication {
    /// The identities that an auth request gives its connection; nil when it fails (AuthFailed, then close).
    ///
    /// `digest` takes `user:password` and gives `user:base64(SHA1(user:password))`. `ip` succeeds and
    /// gives nothing, because every connection has its address from the start.
    package static func identities(scheme: RawSpan, data: RawSpan, rules: TreeRules) -> [Identity]? {
        if Path.isEqual(scheme, "ip") { return [] }
        guard Path.isEqual(scheme, "digest") else { return nil }
        let id = digestID(data)
        let digest = Identity(scheme: "digest", id: id)
        guard let superDigest = rules.superDigest, superDigest == id else { return [digest] }
        return [Identity(scheme: "super", id: ""), digest]
    }

    /// The identity that every connection holds from the start.
    package static func identity(address: String) -> Identity { Identity(scheme: "ip", id: address) }

    /// `user:base64(SHA1("user:password"))` of `user:password`.
    static func digestID(_ userAndPassword: RawSpan) -> String {
        let bytes = userAndPassword.withUnsafeBytes { [UInt8]($0) }
        let user = bytes.prefix { $0 != UInt8(ascii: ":") }
        let digest = Array(Insecure.SHA1.hash(data: bytes))
        return String(decoding: user, as: UTF8.self) + ":" + base64(digest)
    }

    /// Whether an access list may name this identity.
    static func isValid(_ identity: Identity) -> Bool {
        switch identity.scheme {
        case "world":
            identity == .anyone
        case "digest":
            isUserAndHash(identity.id)
        case "ip":
            AddressRange(identity.id) != nil
        case "sasl", "x509":
            !identity.id.isEmpty
        default:
            false
        }
    }

    /// Whether identities of this scheme come from a proof, and may stand for `auth`.
    static func isProof(_ scheme: String) -> Bool {
        scheme == "digest" || scheme == "sasl" || scheme == "x509"
    }

    /// Whether somebody's identity is the one that an access list names.
    static func isMatch(_ identity: Identity, _ named: Identity) -> Bool {
        guard identity.scheme == named.scheme else { return false }
        guard named.scheme == "ip" else { return identity.id == named.id }
        guard let range = AddressRange(named.id), let address = AddressRange.address(identity.id) else {
            return false
        }
        return range.contains(address)
    }

    /// Exactly two parts around a colon; a last part that is empty does not count, as Java splits.
    private static func isUserAndHash(_ id: String) -> Bool {
        var parts = id.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        while parts.last?.isEmpty == true { parts.removeLast() }
        return parts.count == 2
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for index in 0..<3 { word = word << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
            for index in 0..<4 {
                let isPadding = index > group.count
                text.append(
                    isPadding ? UInt8(ascii: "=") : alphabet[Int(word >> (18 - 6 * UInt32(index)) & 63)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
