import ByteCoding
import Crypto
import DataTree

/// The server's side of one SASL DIGEST-MD5 exchange (RFC 2831), with what Java's server asks of clients:
/// a challenge, then the client's one answer.
struct DigestMD5Exchange {
    enum Outcome: Equatable {
        /// Goes to the client, which is not known yet.
        case challenge([UInt8])
        /// Goes to the client, which has proved to be this user.
        case proved(user: String, [UInt8])
        /// The client could not prove anything, for this reason; from now on every step fails.
        case failed(String)
    }

    /// What Apache's server calls itself in every exchange.
    static let realm = "zk-sasl-md5"
    private static let uri = "zookeeper/zk-sasl-md5"
    /// The longest message that is looked at, as in Java.
    static let tokenByteCountMax = 4096

    private enum Step { case begin, answer, done }

    private var step = Step.begin
    private let nonce: [UInt8]

    /// - Parameter nonce: printable, without `"` and `\`, never used before and not to be guessed.
    init(nonce: String) { self.nonce = Array(nonce.utf8) }

    /// Takes one message of the client. What it sends first is not looked at.
    mutating func take(_ token: [UInt8], users: SASLUsers) -> Outcome {
        guard token.count <= Self.tokenByteCountMax else {
            return .failed("a message of \(token.count) bytes")
        }
        switch step {
        case .begin:
            step = .answer
            return .challenge(
                Array("realm=\"\(Self.realm)\",nonce=\"".utf8) + nonce
                    + Array("\",charset=utf-8,algorithm=md5-sess".utf8))
        case .answer:
            step = .done
            return judge(token, users)
        case .done:
            return .failed("a message behind the last one")
        }
    }

    private func judge(_ token: [UInt8], _ users: SASLUsers) -> Outcome {
        guard let directives = DigestMD5Directives(token) else { return .failed("a malformed answer") }
        if let charset = directives[.charset], charset != Array("utf-8".utf8) {
            return .failed("another charset than utf-8")
        }
        if let size = directives[.maxbuf], Int32(String(decoding: size, as: UTF8.self)) == nil {
            return .failed("a malformed maxbuf")
        }
        guard let username = directives[.username], let cnonce = directives[.cnonce],
            let uri = directives[.digestURI], let response = directives[.response]
        else { return .failed("an answer that lacks something") }
        let user = String(decoding: username, as: UTF8.self)
        guard directives[.realm] == Array(Self.realm.utf8) else { return .failed("another realm") }
        guard let given = directives[.nonce], ConstantTime.areEqual(given, nonce) else {
            return .failed("another nonce")
        }
        guard directives[.qop] ?? Array("auth".utf8) == Array("auth".utf8) else {
            return .failed("a protection other than auth")
        }
        guard String(decoding: uri, as: UTF8.self).lowercased() == Self.uri else {
            return .failed("another service")
        }
        // For a user that does not exist the work is the same, so that the time does not tell.
        let password = users.password(of: user)
        let secret = sessionKey(user, password ?? "", cnonce: cnonce, authorization: directives[.authzid])
        let expected = proof(secret, cnonce: cnonce, uri: Array("AUTHENTICATE:".utf8) + uri)
        let isRight = ConstantTime.areEqual(response, expected)
        guard password != nil, isRight else { return .failed("a wrong password or an unknown user") }
        let confirmation = proof(secret, cnonce: cnonce, uri: [UInt8(ascii: ":")] + uri)
        return .proved(user: user, Array("rspauth=".utf8) + confirmation)
    }

    /// H(A1) in hexadecimal digits.
    private func sessionKey(
        _ user: String, _ password: String, cnonce: [UInt8], authorization: [UInt8]?
    ) -> [UInt8] {
        let colon = UInt8(ascii: ":")
        let login =
            Self.encoded(user) + [colon] + Array(Self.realm.utf8) + [colon] + Self.encoded(password)
        var text = Array(Insecure.MD5.hash(data: login))
        text += [colon] + nonce + [colon] + cnonce
        if let authorization { text += [colon] + authorization }
        return Self.digits(text)
    }

    /// What the knowledge of `secret` is proved by; `uri` stands behind the word of its direction.
    private func proof(_ secret: [UInt8], cnonce: [UInt8], uri: [UInt8]) -> [UInt8] {
        let colon = UInt8(ascii: ":")
        var text = secret + [colon] + nonce
        text += Array(":00000001:".utf8) + cnonce + Array(":auth:".utf8) + Self.digits(uri)
        return Self.digits(text)
    }

    /// ISO 8859-1 if all of it can be written so, else UTF-8.
    private static func encoded(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        return scalars.allSatisfy { $0.value < 256 }
            ? scalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(text.utf8)
    }

    private static func digits(_ text: [UInt8]) -> [UInt8] {
        let alphabet = Array("0123456789abcdef".utf8)
        return Insecure.MD5.hash(data: text).flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
    }
}
