import Crypto
import Testing

@testable import Server

/// The server's side of SASL DIGEST-MD5. What is taken and refused was tried with Apache's server on JDK 17.
struct DigestMD5Tests {
    private static let nonce = "OA6MG9tEQGm2hh"
    private static let users = SASLUsers(passwords: [
        "bob": "bobsecret", "jos\u{e9}": "p\u{c4}ss", "li\u{4e2d}": "x",
    ])

    /// A client's answer, made by the text of RFC 2831.
    private struct Answer {
        var user = "bob"
        var password = "bobsecret"
        var realm = "zk-sasl-md5"
        var nonce = DigestMD5Tests.nonce
        var uri = "zookeeper/zk-sasl-md5"
        var qop = "auth"
        var authorization: String?
        var front = "charset=utf-8,"
        var behind = ""

        private static func digits(_ bytes: [UInt8]) -> String {
            Insecure.MD5.hash(data: bytes).map { byte in
                let text = String(byte, radix: 16)
                return byte < 16 ? "0" + text : text
            }.joined()
        }

        private static func encoded(_ text: String) -> [UInt8] {
            text.unicodeScalars.allSatisfy { $0.value < 256 }
                ? text.unicodeScalars.map { UInt8($0.value) } : Array(text.utf8)
        }

        private func proof(_ direction: String) -> String {
            let login = Self.encoded(user) + Array(":\(realm):".utf8) + Self.encoded(password)
            let tail = authorization.map { ":" + $0 } ?? ""
            let first = Array(Insecure.MD5.hash(data: login)) + Array(":\(nonce):cn\(tail)".utf8)
            let second = Self.digits(Array("\(direction):\(uri)".utf8))
            return Self.digits(
                Array("\(Self.digits(first)):\(nonce):00000001:cn:\(qop):\(second)".utf8))
        }

        var confirmation: [UInt8] { Array("rspauth=\(proof(""))".utf8) }

        var bytes: [UInt8] {
            let authzid = authorization.map { ",authzid=\"\($0)\"" } ?? ""
            return Array(
                """
                \(front)username="\(user)",realm="\(realm)",nonce="\(nonce)",nc=00000001,cnonce="cn",\
                digest-uri="\(uri)",qop=\(qop)\(authzid),response=\(proof("AUTHENTICATE"))\(behind)
                """.utf8)
        }
    }

    private static func outcome(_ answer: [UInt8]) -> DigestMD5Exchange.Outcome {
        var exchange = DigestMD5Exchange(nonce: nonce)
        _ = exchange.take([], users: users)
        return exchange.take(answer, users: users)
    }

    private static func isProved(_ change: (inout Answer) -> Void) -> Bool {
        var answer = Answer()
        change(&answer)
        guard case .proved(answer.user, answer.confirmation) = outcome(answer.bytes) else { return false }
        return true
    }

    @Test func theChallengeIsApaches() {
        var exchange = DigestMD5Exchange(nonce: Self.nonce)
        let challenge = "realm=\"zk-sasl-md5\",nonce=\"\(Self.nonce)\",charset=utf-8,algorithm=md5-sess"
        #expect(exchange.take([], users: Self.users) == .challenge(Array(challenge.utf8)))
    }

    @Test func whatClientsMaySay() {
        #expect(Self.isProved { _ in })
        #expect(
            Self.isProved {
                $0.user = "jos\u{e9}"; $0.password = "p\u{c4}ss"
            })
        #expect(
            Self.isProved {
                $0.user = "li\u{4e2d}"; $0.password = "x"
            })
        #expect(Self.isProved { $0.uri = "ZOOKEEPER/zk-sasl-md5" })
        #expect(Self.isProved { $0.front = "" })
        for behind in [
            ",foo=bar", ",", " x", ",maxbuf=100", ",cipher=rc4", " , foo = \"b\\\"ar\" ", ",foo", ",,a=1,,",
            "\t,\r\n a=1",
        ] {
            #expect(Self.isProved { $0.behind = behind }, "\(behind)")
        }
    }

    @Test func anAuthorizationIdentityIsReadAndChangesNothing() {
        #expect(Self.isProved { $0.authorization = "admin" })
    }

    @Test func whatClientsMayNotSay() {
        #expect(!Self.isProved { $0.password = "bobsecreT" })
        #expect(!Self.isProved { $0.password = "" })
        #expect(!Self.isProved { $0.user = "eve" })
        #expect(
            !Self.isProved {
                $0.user = "eve"; $0.password = ""
            })
        #expect(
            !Self.isProved {
                $0.user = ""; $0.password = ""
            })
        #expect(!Self.isProved { $0.realm = "other" })
        #expect(!Self.isProved { $0.realm = "" })
        #expect(!Self.isProved { $0.uri = "zookeeper/other" })
        #expect(!Self.isProved { $0.uri = "zookeeper/zk-sasl-md5/zk-sasl-md5" })
        #expect(!Self.isProved { $0.nonce = "other" })
        #expect(!Self.isProved { $0.qop = "auth-int" })
        #expect(!Self.isProved { $0.front = "charset=latin1," })
        for behind in [
            ",username=\"bob\"", ",charset=utf-8", ",realm=\"zk-sasl-md5\"", ",foo=", ",a=\"b", ",=b",
            ",a b=c", ",maxbuf=zz",
        ] {
            #expect(!Self.isProved { $0.behind = behind }, "\(behind)")
        }
    }

    @Test func aPartThatIsMissingIsRefused() {
        let whole = Answer()
        for part in ["username", "realm", "nonce", "cnonce", "digest-uri", "response"] {
            let text = String(decoding: whole.bytes, as: UTF8.self)
            let parts = text.split(separator: ",").filter { !$0.hasPrefix(part + "=") }
            guard case .failed = Self.outcome(Array(parts.joined(separator: ",").utf8)) else {
                Issue.record("without \(part)")
                continue
            }
        }
    }

    // MARK: S19

    @Test func thereAreTwoMessagesAndNoMore() {
        var exchange = DigestMD5Exchange(nonce: Self.nonce)
        _ = exchange.take([], users: Self.users)
        guard case .proved = exchange.take(Answer().bytes, users: Self.users) else {
            Issue.record("not proved")
            return
        }
        for _ in 0..<10_000 {
            guard case .failed = exchange.take(Answer().bytes, users: Self.users) else {
                Issue.record("a further message does something")
                return
            }
        }
    }

    @Test func aLongMessageIsNotReadAtAll() {
        let limit = DigestMD5Exchange.tokenByteCountMax
        let padded = { (count: Int) in
            var answer = Answer().bytes + Array(",a=".utf8)
            answer += [UInt8](repeating: UInt8(ascii: "x"), count: count - answer.count)
            return answer
        }
        guard case .proved = Self.outcome(padded(limit)) else {
            Issue.record("a message of \(limit) bytes is refused")
            return
        }
        #expect(Self.outcome(padded(limit + 1)) == .failed("a message of \(limit + 1) bytes"))
        var exchange = DigestMD5Exchange(nonce: Self.nonce)
        #expect(exchange.take(padded(limit + 1), users: Self.users) == .failed("a message of 4097 bytes"))
    }

    @Test func malformedMessagesAreRefusedAndNeverTrap() {
        var random = SystemRandomNumberGenerator()
        let answer = Answer().bytes
        for round in 0..<20_000 {
            var bytes = answer
            if round % 2 == 0 { bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))) }
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] =
                    [0x22, 0x5c, 0x2c, 0x3d, 0x20, 0, 0xff, 0x41].randomElement(using: &random) ?? 0
            }
            if case .challenge = Self.outcome(bytes) { Issue.record("a second challenge") }
        }
    }
}
