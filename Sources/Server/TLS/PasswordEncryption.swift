import Crypto
import CryptoExtras

/// How a content is encrypted with a password: PBES2 of PKCS#5, with PBKDF2 and AES in CBC mode.
struct PasswordEncryption {
    private let salt: [UInt8]
    private let rounds: Int
    private let hash: KDF.Insecure.PBKDF2.HashFunction
    private let keyByteCount: Int
    private let start: [UInt8]

    private static let pbes2 = "1.2.840.113549.1.5.13"
    private static let pbkdf2 = "1.2.840.113549.1.5.12"
    private static let hashes: [String: KDF.Insecure.PBKDF2.HashFunction] = [
        "1.2.840.113549.2.7": .insecureSHA1, "1.2.840.113549.2.9": .sha256,
        "1.2.840.113549.2.10": .sha384, "1.2.840.113549.2.11": .sha512,
    ]
    private static let keyByteCounts = [
        "2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32,
    ]
    private static let blockByteCount = 16

    /// From an algorithm identifier.
    init(_ value: DERValue) throws {
        let scheme = try value.child(0, expecting: "an encryption scheme").objectIdentifier()
        guard scheme == Self.pbes2 else { throw PKCS12Defect.unsupported("the old encryption \(scheme)") }
        let parameters = try value.child(1, expecting: "an encryption's parameters")
        let derivation = try parameters.child(0, expecting: "a key derivation")
        let cipher = try parameters.child(1, expecting: "a cipher")
        let derivationName = try derivation.child(0, expecting: "a key derivation").objectIdentifier()
        guard derivationName == Self.pbkdf2 else {
            throw PKCS12Defect.unsupported("the key derivation \(derivationName)")
        }
        let fields = try derivation.child(1, expecting: "a key derivation's parameters").children
        guard fields.count >= 2 else { throw DERDefect(expected: "a salt and a number of rounds") }
        salt = [UInt8](try fields[0].content(expecting: "a salt"))
        rounds = try fields[1].count(upTo: PKCS12Seal.roundsMax, expecting: "a number of rounds")
        hash = try Self.hash(fields.last(where: { $0.tag == DERValue.Tag.sequence }))
        let cipherName = try cipher.child(0, expecting: "a cipher").objectIdentifier()
        guard let keyByteCount = Self.keyByteCounts[cipherName] else {
            throw PKCS12Defect.unsupported("the cipher \(cipherName)")
        }
        self.keyByteCount = keyByteCount
        start = [UInt8](
            try cipher.child(1, expecting: "a cipher's start").content(expecting: "a cipher's start"))
        guard start.count == Self.blockByteCount, rounds > 0 else {
            throw DERDefect(expected: "a start of \(Self.blockByteCount) bytes, and rounds")
        }
    }

    /// HMAC with SHA-1 unless another is named.
    private static func hash(_ value: DERValue?) throws -> KDF.Insecure.PBKDF2.HashFunction {
        guard let value else { return .insecureSHA1 }
        let name = try value.child(0, expecting: "a hash").objectIdentifier()
        guard let hash = hashes[name] else { throw PKCS12Defect.unsupported("the hash \(name)") }
        return hash
    }

    func decrypt(_ bytes: ArraySlice<UInt8>, password: [UInt8]) throws -> [UInt8] {
        guard !bytes.isEmpty, bytes.count % Self.blockByteCount == 0 else {
            throw DERDefect(expected: "whole blocks of encrypted octets")
        }
        do {
            let key = try KDF.Insecure.PBKDF2.deriveKey(
                from: password, salt: salt, using: hash, outputByteCount: keyByteCount,
                unsafeUncheckedRounds: rounds)
            let plain = try AES._CBC.decrypt(
                [UInt8](bytes), using: key, iv: AES._CBC.IV(ivBytes: start))
            return [UInt8](plain)
        } catch {
            throw PKCS12Defect.wrongPassword
        }
    }
}
