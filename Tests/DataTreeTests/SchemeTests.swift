import Jute
import Testing

@testable import DataTree

/// Which ids access lists may name, and whom they mean, with each scheme.
struct SchemeTests {
    private static var everything: AuthenticationRules {
        var rules = AuthenticationRules()
        rules.schemes = [.ip, .digest, .sasl, .x509, .ensemble]
        return rules
    }

    private static func isValid(
        _ scheme: String, _ id: String, _ rules: AuthenticationRules = everything
    ) -> Bool {
        rules.isValid(Identity(scheme: scheme, id: id))
    }

    // MARK: S3

    @Test func superIsNoSchemeThatClientsMayUse() {
        #expect(!Self.isValid("super", "") && !Self.isValid("super", "x") && !Self.isValid("auth", ""))
        let scheme = Array("super".utf8)
        let judgement = Authentication.judge(
            scheme: scheme.span.bytes, data: JuteBuffer(bytes: scheme.span.bytes), rules: Self.everything)
        #expect(judgement == .failed)
    }

    @Test func onlyTheConfiguredDigestIsSuper() {
        var rules = AuthenticationRules()
        rules.superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
        for (login, isSuper) in [("super:test", true), ("super:tess", false), ("super:", false)] {
            let (scheme, data) = (Array("digest".utf8), Array(login.utf8))
            let judgement = Authentication.judge(
                scheme: scheme.span.bytes, data: JuteBuffer(bytes: data.span.bytes), rules: rules)
            guard case .proved(let identities) = judgement else {
                Issue.record("\(login) proves nothing")
                continue
            }
            #expect(identities.contains { $0.scheme == "super" } == isSuper, "\(login)")
        }
    }

    // MARK: S2

    /// Made by Java as Apache's server makes them.
    @Test(arguments: [
        ("SHA1", "joe:secret", "joe:oesAybBun9icKJjQSTRN8OBueSc="),
        ("sha-1", "", ":2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
        ("SHA", "nocolon", "nocolon:Ra+cHr2ZoHvBjtNArFGNGlVie4g="),
        ("sha", "jos\u{e9}:p\u{e4}ss:x", "jos\u{e9}:/ISY9gks1xz/QQZ7fiMq0JMm2V4="),
        ("sHa1", "a:b:c", "a:cLzgnoJ6mP5qz3w+mwvPE2vDgu0="),
        ("MD5", "joe:secret", "joe:uH8Lter0nk6m/+ouUxhClQ=="),
        ("MD5", "", ":1B2M2Y8AsgTpgAmY7PhCfg=="),
        ("SHA-256", "joe:secret", "joe:NZS46jfOYGT+zto6YyNSTvBW3wwLRg1mAsWvHo0QTFg="),
        ("SHA-256", "", ":47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("SHA-384", "joe:secret", "joe:7OKdAIgdlWqA86o1Z9oJKmyizKeFtz2fcBHTophedHerkz4vq14QR60HOByvW4ig"),
        (
            "SHA-512", "joe:secret",
            "joe:Zg0P4q9GbjCXsI6lReeYGHJEBUQzsTQ/yiOwU6eat6CK/jkowE8SH7U0k+7AeIkbOF+LIaMEeH0qlNumxSm1Ig=="
        ),
        ("SHA3-256", "joe:secret", "joe:04UGH1pKKP2I6497NZTU2pRx/lfCyP7qU9iYUrhq3JE="),
        ("SHA3-384", "joe:secret", "joe:3+QyHV4W70ay8vKUY99FsAV85ahgXtQlRn3OiRor0tSl+T2A3j9ptMM1dR1lcMfe"),
        (
            "SHA3-512", "joe:secret",
            "joe:ZwqowV6an1U3iXO3IVCPMa0fdADC3QfTbmVpcdXKfb5igE6W9TYcLZaSo2wu/E6n5ztqL3FkhQt4271ThqIRTA=="
        ),
    ])
    func digestsAreApaches(_ algorithm: String, _ login: String, _ id: String) throws {
        var rules = AuthenticationRules()
        rules.digestAlgorithm = try #require(DigestAlgorithm(javaName: algorithm))
        let (scheme, data) = (Array("digest".utf8), Array(login.utf8))
        let judgement = Authentication.judge(
            scheme: scheme.span.bytes, data: JuteBuffer(bytes: data.span.bytes), rules: rules)
        #expect(judgement == .proved([Identity(scheme: "digest", id: id)]))
    }

    @Test func everyNameOfADigestAlgorithmIsTakenAndNoOther() {
        for name in DigestAlgorithm.names { #expect(DigestAlgorithm(javaName: name.lowercased()) != nil) }
        for name in ["SHA-224", "SHA256", "", "none"] { #expect(DigestAlgorithm(javaName: name) == nil) }
    }

    @Test func theDigestSchemeCanBeOff() {
        var rules = AuthenticationRules()
        rules.schemes = .ip
        let (scheme, data) = (Array("digest".utf8), Array("joe:secret".utf8))
        let judgement = Authentication.judge(
            scheme: scheme.span.bytes, data: JuteBuffer(bytes: data.span.bytes), rules: rules)
        let joe = Identity(scheme: "digest", id: "joe:x")
        #expect(judgement == .failed)
        #expect(!rules.isValid(joe) && !rules.isMatch(joe, joe) && !rules.isProof("digest"))
    }

    @Test func secretsAreComparedWhole() {
        #expect(ConstantTime.areEqual("abc", "abc") && ConstantTime.areEqual("", ""))
        for other in ["abd", "bbc", "ab", "abcd", "", "ABC"] { #expect(!ConstantTime.areEqual("abc", other)) }
    }

    /// Bytes that know how often they were read.
    private struct MeteredBytes: Collection {
        final class Meter { var readCount = 0 }

        let bytes: [UInt8]
        let meter: Meter

        var startIndex: Int { 0 }
        var endIndex: Int { bytes.count }

        func index(after index: Int) -> Int { index + 1 }

        subscript(index: Int) -> UInt8 {
            meter.readCount += 1
            return bytes[index]
        }
    }

    @Test func aComparisonReadsEveryByteWhereverItDiffers() {
        let secret = Array("joe:oesAybBun9icKJjQSTRN8OBueSc=".utf8)
        for place in -1..<secret.count {
            var guess = secret
            if place >= 0 { guess[place] ^= 1 }
            let meter = MeteredBytes.Meter()
            let areEqual = ConstantTime.areEqual(
                MeteredBytes(bytes: secret, meter: meter), MeteredBytes(bytes: guess, meter: meter))
            #expect(areEqual == (place < 0))
            #expect(meter.readCount == 2 * secret.count, "differing at \(place)")
        }
    }

    // MARK: ids

    @Test(arguments: [
        ("a:b", true), (":b", true), ("a:b:", true), ("a:", false), ("a", false), ("", false),
        ("a:b:c", false),
        (":", false), ("::b", false),
    ])
    func aDigestIDHasTwoParts(_ id: String, _ expected: Bool) {
        #expect(Self.isValid("digest", id) == expected)
    }

    @Test(arguments: [
        ("bob", true), ("a@b", true), ("a/h@b", true), ("a/b", true), ("", true), ("a/b/c", true),
        ("a@b@c", false), ("a/b/c@d", false), ("a@b/c", false), ("@", true),
    ])
    func aSASLIDIsAPrincipal(_ id: String, _ expected: Bool) { #expect(Self.isValid("sasl", id) == expected) }

    @Test func worldIsAnyoneOnly() {
        #expect(Self.isValid("world", "anyone"))
        #expect(!Self.isValid("world", "") && !Self.isValid("world", "Anyone") && !Self.isValid("", "anyone"))
    }

    @Test func schemesThatAreOffAreInvalid() {
        let rules = AuthenticationRules()
        #expect(!Self.isValid("sasl", "bob", rules) && !Self.isValid("x509", "CN=a", rules))
        #expect(!Self.isValid("ensemble", "x"))
    }

    @Test func namesAreComparedByteByByte() {
        // One accented letter, and a letter with an accent behind it.
        let (one, two) = ("CN=\u{e9}", "CN=e\u{301}")
        #expect(Identity(scheme: "x509", id: one) != Identity(scheme: "x509", id: two))
        #expect(
            !Self.everything.isMatch(Identity(scheme: "x509", id: one), Identity(scheme: "x509", id: two)))
        #expect(
            !Self.everything.isMatch(Identity(scheme: "sasl", id: one), Identity(scheme: "sasl", id: two)))
    }

    // MARK: matches

    @Test func superUsersMatchEverythingOfTheirScheme() {
        var rules = Self.everything
        let entry = Identity(scheme: "x509", id: "CN=a")
        #expect(!rules.isMatch(Identity(scheme: "x509", id: "CN=root"), entry))
        rules.certificateSuperUser = "CN=root"
        #expect(rules.isMatch(Identity(scheme: "x509", id: "CN=root"), entry))
        #expect(rules.isMatch(Identity(scheme: "sasl", id: "super"), Identity(scheme: "sasl", id: "bob")))
        #expect(
            !rules.isMatch(Identity(scheme: "digest", id: "super"), Identity(scheme: "digest", id: "bob")))
        #expect(
            Authentication.identities(certificateSubject: "CN=root", rules: rules)
                == [Identity(scheme: "super", id: "CN=root"), Identity(scheme: "x509", id: "CN=root")])
    }

    @Test func oneNameMayStandForEverySASLUser() {
        var rules = Self.everything
        let (bob, all) = (Identity(scheme: "sasl", id: "bob"), Identity(scheme: "sasl", id: "everybody"))
        #expect(!rules.isMatch(bob, all))
        rules.anySASLUser = "everybody"
        #expect(rules.isMatch(bob, all) && !rules.isMatch(bob, Identity(scheme: "sasl", id: "ann")))
    }

    @Test func anEnsembleIsNamedOrTheConnectionEnds() {
        var rules = Self.everything
        func judge(_ name: String) -> Authentication {
            Authentication.judge(
                scheme: Array("ensemble".utf8).span.bytes,
                data: JuteBuffer(bytes: Array(name.utf8).span.bytes),
                rules: rules)
        }
        #expect(judge("any") == .proved([]))
        rules.ensembleNames = ["prod", "live"]
        #expect(judge("live") == .proved([]) && judge("") == .proved([]) && judge("test") == .otherEnsemble)
    }

    // MARK: S10

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "0:0:0:0:0:0:0:1"), ("2001:db8::a0", "2001:db8:0:0:0:0:0:a0"),
        ("::ffff:1.2.3.4", "1.2.3.4"), ("unknown", "unknown"),
    ])
    func addressesAreWrittenAsJavaWritesThem(_ address: String, _ id: String) {
        #expect(Authentication.identity(address: address) == Identity(scheme: "ip", id: id))
    }

    @Test func whoAmIShowsNoSecrets() {
        let shown = { (scheme: String, id: String) in
            Authentication.shownName(Identity(scheme: scheme, id: id), rules: Self.everything)
        }
        #expect(shown("digest", "joe:hash") == "joe" && shown("digest", ":hash") == "")
        #expect(
            shown("super", "CN=a") == "" && shown("x509", "CN=a") == "CN=a" && shown("ip", "::1") == "::1")
        // A mark that joins the colon to one character does not make it part of the name.
        #expect(shown("digest", "joe:\u{301}hash") == "joe")
    }
}
