import Jute

/// What an auth request proves.
package enum Authentication: Equatable, Sendable {
    /// Identities that the connection has from now on; none if the scheme gives none.
    case proved([Identity])
    /// AuthFailed, then the connection ends.
    case failed
    /// The client looks for another ensemble: the connection ends without a word, so that it tries the
    /// next server instead of giving up.
    case otherEnsemble

    /// Judges an auth request.
    ///
    /// `digest` takes `user:password` and gives `user:base64(hash(user:password))`. `ip` succeeds and gives
    /// nothing, because every connection has its address from the start. SASL and certificates have ways of
    /// their own (`sasl` requests, TLS); asked for in this way they fail.
    package static func judge(
        scheme: RawSpan, data: borrowing JuteBuffer, rules: AuthenticationRules
    ) -> Authentication {
        if Path.isEqual(scheme, "ip") { return .proved([]) }
        if Path.isEqual(scheme, "digest"), rules.schemes.contains(.digest), !data.isNull {
            return .proved(digest(text(data.bytes), rules))
        }
        if Path.isEqual(scheme, "ensemble"), rules.schemes.contains(.ensemble) {
            let name = text(data.bytes)
            let isExpected = name.isEmpty || rules.ensembleNames.isEmpty || rules.ensembleNames.contains(name)
            return isExpected ? .proved([]) : .otherEnsemble
        }
        return .failed
    }

    /// The identity that every connection holds from the start: its address, written as Java writes it.
    package static func identity(address: String) -> Identity {
        Identity(scheme: "ip", id: AddressRange.javaText(address))
    }

    /// The identities of a certificate that TLS has verified, by its subject in the form of RFC 2253.
    package static func identities(certificateSubject: String, rules: AuthenticationRules) -> [Identity] {
        let identity = Identity(scheme: "x509", id: certificateSubject)
        let isSuper = rules.certificateSuperUser.map { certificateSubject.isSameText(as: $0) } ?? false
        return isSuper ? [Identity(scheme: "super", id: certificateSubject), identity] : [identity]
    }

    /// The name by which whoAmI shows an identity. Of a digest only the user: what is behind the colon
    /// proves it. Schemes that are not known here have no names.
    package static func shownName(_ identity: Identity, rules: AuthenticationRules) -> String {
        guard rules.knows(identity.scheme) else { return "" }
        guard identity.scheme == "digest" else { return identity.id }
        return String(decoding: identity.id.utf8.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
    }

    /// The identities of somebody who says `user:password` where digests are a scheme.
    package static func digest(_ userAndPassword: [UInt8], rules: AuthenticationRules) -> [Identity] {
        digest(String(decoding: userAndPassword, as: UTF8.self), rules)
    }

    private static func digest(_ userAndPassword: String, _ rules: AuthenticationRules) -> [Identity] {
        let user = userAndPassword.utf8.prefix { $0 != UInt8(ascii: ":") }
        let hash = rules.digestAlgorithm.hash(Array(userAndPassword.utf8))
        let id = String(decoding: user, as: UTF8.self) + ":" + base64(hash)
        let digest = Identity(scheme: "digest", id: id)
        guard let superDigest = rules.superDigest, ConstantTime.areEqual(superDigest, id) else {
            return [digest]
        }
        return [Identity(scheme: "super", id: ""), digest]
    }

    /// What is not UTF-8 becomes U+FFFD, as in Java, before it is hashed.
    private static func text(_ bytes: RawSpan) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// With padding, on one line.
    package static func base64(_ bytes: [UInt8]) -> String {
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
