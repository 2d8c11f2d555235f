import Glibc
import NIOSSL
import Testing

@testable import Server

/// Key stores and trust stores, as OpenSSL and Java write them.
@Suite struct StoreFileTests {
    @Test(arguments: ["openssl.p12", "keytool.p12", "server.pem", "traditional.pem", "clear.p12"])
    func aKeyStoreGivesTheKeyAndItsCertificateFirst(name: String) throws {
        let keys = try KeyStore(TLSVectors.store(name))
        #expect(try Self.subjects(keys.chain).first == "CN=server")
        _ = try Self.context(keys)
    }

    @Test(arguments: ["openssl.p12", "keytool.p12", "server.pem"])
    func theIssuersFollow(name: String) throws {
        let keys = try KeyStore(TLSVectors.store(name))
        #expect(try Self.subjects(keys.chain) == ["CN=server", "CN=Test CA,O=Aviary\\, Inc.,C=DE"])
    }

    @Test func aPasswordMayBeEmptyOrHaveOtherLettersThanASCII() throws {
        #expect(try KeyStore(TLSVectors.store("nopassword.p12", password: "")).chain.count == 2)
        #expect(try KeyStore(TLSVectors.store("aes.p12", password: "s\u{e9}cret")).chain.count == 2)
    }

    @Test func anEncryptedKeyInPEMNeedsItsPassword() throws {
        _ = try Self.context(KeyStore(TLSVectors.store("encrypted.pem")))
        #expect(
            Self.problem { try KeyStore(TLSVectors.store("encrypted.pem", password: "")) }
                .contains("password if it is encrypted"))
        #expect(
            Self.problem { try KeyStore(TLSVectors.store("encrypted.pem", password: "no")) }
                .contains("password if it is encrypted"))
    }

    @Test(arguments: ["openssl.p12", "keytool.p12", "clear.p12", "trust.p12", "aes.p12"])
    func aWrongPasswordIsToldSo(name: String) throws {
        for password in ["", "wrong", "secret "] {
            #expect(
                Self.problem { try TrustStore(TLSVectors.store(name, password: password)) }
                    .contains("the password is wrong"))
        }
    }

    @Test func thePasswordMayStandInAFile() throws {
        let path = "/tmp/aviary-password-\(getpid())"
        defer { unlink(path) }
        for content in ["secret", "secret\n"] {
            TLSVectors.write(Array(content.utf8), to: path)
            var file = try TLSVectors.store("openssl.p12", password: "not this one")
            file.passwordPath = path
            #expect(try KeyStore(file).chain.count == 2)
        }
    }

    @Test(arguments: ["trust.p12", "ca.pem", "openssl.p12"])
    func aTrustStoreNeedsNoKey(name: String) throws {
        let subjects = try Self.subjects(TrustStore(TLSVectors.store(name)).certificates)
        #expect(subjects.contains("CN=Test CA,O=Aviary\\, Inc.,C=DE"))
    }

    @Test func aStoreWithoutAKeyIsNoKeyStore() throws {
        #expect(
            Self.problem { try KeyStore(TLSVectors.store("trust.p12")) }.contains("holds no private key"))
        #expect(Self.problem { try KeyStore(TLSVectors.store("ca.pem")) }.contains("holds no private key"))
    }

    @Test func oldEncryptionIsRefusedWithTheWayOut() throws {
        let problem = Self.problem { try KeyStore(TLSVectors.store("legacy.p12")) }
        #expect(problem.contains("old encryption") && problem.contains("openssl pkcs12 -export"))
    }

    @Test func aFileThatIsNotThereOrIsSomethingElseIsRefused() throws {
        #expect(Self.problem { try KeyStore(TLSVectors.store("nothing.pem")) }.contains("cannot be read"))
        let wrong = StoreFile(path: TLSVectors.path("server.pem"), kind: .pkcs12)
        #expect(Self.problem { try TrustStore(wrong) }.contains("is no PKCS#12 file"))
        let other = StoreFile(path: TLSVectors.path("openssl.p12"), kind: .pem)
        #expect(Self.problem { try TrustStore(other) }.contains("holds no certificate in PEM"))
    }

    @Test(arguments: ["openssl.p12", "clear.p12", "trust.p12"])
    func aDamagedFileIsRefusedOrGivesTheSameAndNeverTraps(name: String) throws {
        let good = try TLSVectors.bytes(name)
        let password = Array("secret".utf8)
        let whole = try PKCS12File(good, password: password)
        var refusals = 0
        // Each try costs what the file's many rounds cost.
        for index in stride(from: 0, to: good.count, by: name == "trust.p12" ? 7 : 1) {
            var bad = good
            bad[index] ^= 0x11
            do throws(PKCS12Defect) {
                // What says nothing, a version or a parameter that must be empty, may be anything.
                #expect(try PKCS12File(bad, password: password) == whole, "byte \(index)")
            } catch {
                refusals += 1
            }
        }
        #expect(refusals > good.count / (name == "trust.p12" ? 8 : 2))
        for count in stride(from: 0, to: good.count, by: 7) {
            #expect(throws: PKCS12Defect.self) { try PKCS12File(Array(good[..<count]), password: password) }
        }
    }

    private static func subjects(_ chain: [NIOSSLCertificate]) throws -> [String] {
        try chain.map { try CertificateFields($0.toDERBytes()).subjectText }
    }

    /// Made only if the key belongs to the first certificate.
    private static func context(_ keys: KeyStore) throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: keys.chain.map { .certificate($0) }, privateKey: .privateKey(keys.key)))
    }

    private static func problem<Result>(_ body: () throws -> Result) -> String {
        do {
            _ = try body()
            return "none"
        } catch {
            return "\(error)"
        }
    }
}
