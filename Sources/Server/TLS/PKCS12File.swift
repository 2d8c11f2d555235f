/// The keys and certificates in a PKCS#12 file (RFC 7292), as OpenSSL 3 and Java's keytool write them.
///
/// Contents are decrypted by PBES2 with AES; the old ciphers of the format are refused, with the way to a
/// new file. The file's own seal is checked first: it fails for a wrong password as for a damaged file.
struct PKCS12File: Equatable {
    /// Nothing prints what it holds.
    struct Key: Equatable, CustomReflectable {
        /// PKCS#8.
        var bytes: [UInt8]
        var localID: [UInt8]?

        var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    struct Certificate: Equatable {
        var bytes: [UInt8]
        var localID: [UInt8]?
    }

    private(set) var keys: [Key] = []
    private(set) var certificates: [Certificate] = []

    private enum Name {
        static let data = "1.2.840.113549.1.7.1"
        static let encryptedData = "1.2.840.113549.1.7.6"
        static let keyBag = "1.2.840.113549.1.12.10.1.1"
        static let shroudedKeyBag = "1.2.840.113549.1.12.10.1.2"
        static let certificateBag = "1.2.840.113549.1.12.10.1.3"
        static let x509Certificate = "1.2.840.113549.1.9.22.1"
        static let localKeyID = "1.2.840.113549.1.9.21"
    }

    init(_ bytes: [UInt8], password: [UInt8]) throws(PKCS12Defect) {
        do {
            let file = try DERValue(parsing: bytes[...], expecting: "a PKCS#12 file")
            let content = try file.child(1, expecting: "the file's content")
            let sealed = try Self.data(of: content)
            guard file.children.count >= 3 else { throw PKCS12Defect.unsupported("a file without a seal") }
            try PKCS12Seal(file.child(2, expecting: "a seal")).check(sealed, password: password)
            let parts = try DERValue(parsing: sealed, expecting: "the file's parts")
            for part in parts.children { try take(part: part, password: password) }
        } catch let defect as PKCS12Defect {
            throw defect
        } catch let defect as DERDefect {
            throw .malformed(expected: defect.expected)
        } catch {
            throw .malformed(expected: "a PKCS#12 file")
        }
    }

    /// The octets of a content of the type `data`.
    private static func data(of content: DERValue) throws -> ArraySlice<UInt8> {
        let type = try content.child(0, expecting: "a content's type").objectIdentifier()
        guard type == Name.data else { throw PKCS12Defect.unsupported("the content type \(type)") }
        return try content.child(1, expecting: "a content").child(0, expecting: "a content")
            .content(expecting: "octets")
    }

    private mutating func take(part: DERValue, password: [UInt8]) throws {
        let type = try part.child(0, expecting: "a part's type").objectIdentifier()
        switch type {
        case Name.data:
            try take(bags: Self.data(of: part), password: password)
        case Name.encryptedData:
            let encrypted = try part.child(1, expecting: "a part").child(0, expecting: "encrypted data")
                .child(1, expecting: "encrypted content")
            let octets = try encrypted.child(2, expecting: "encrypted octets")
                .content(expecting: "encrypted octets in one piece")
            let algorithm = try encrypted.child(1, expecting: "how a part is encrypted")
            try take(
                bags: PasswordEncryption(algorithm).decrypt(octets, password: password)[...],
                password: password)
        default:
            throw PKCS12Defect.unsupported("a part of the type \(type)")
        }
    }

    private mutating func take(bags bytes: ArraySlice<UInt8>, password: [UInt8]) throws {
        for bag in try DERValue(parsing: bytes, expecting: "a part's bags").children {
            let type = try bag.child(0, expecting: "a bag's type").objectIdentifier()
            let value = try bag.child(1, expecting: "a bag").child(0, expecting: "a bag's value")
            let localID = try Self.localID(of: bag)
            switch type {
            case Name.keyBag:
                keys.append(Key(bytes: [UInt8](value.encodedBytes), localID: localID))
            case Name.shroudedKeyBag:
                let algorithm = try value.child(0, expecting: "how a key is encrypted")
                let octets = try value.child(1, expecting: "a key").content(expecting: "a key's octets")
                let key = try PasswordEncryption(algorithm).decrypt(octets, password: password)
                keys.append(Key(bytes: key, localID: localID))
            case Name.certificateBag:
                let kind = try value.child(0, expecting: "a certificate's kind").objectIdentifier()
                guard kind == Name.x509Certificate else { continue }
                let octets = try value.child(1, expecting: "a certificate")
                    .child(0, expecting: "a certificate").content(expecting: "a certificate's octets")
                certificates.append(Certificate(bytes: [UInt8](octets), localID: localID))
            default:
                // Revocation lists and secrets are nothing to a server.
                continue
            }
        }
    }

    private static func localID(of bag: DERValue) throws -> [UInt8]? {
        guard bag.children.count > 2 else { return nil }
        for attribute in bag.children[2].children {
            guard try attribute.child(0, expecting: "an attribute").objectIdentifier() == Name.localKeyID
            else { continue }
            let value = try attribute.child(1, expecting: "an attribute").child(0, expecting: "a key's name")
            return [UInt8](try value.content(expecting: "a key's name"))
        }
        return nil
    }
}

/// Why a PKCS#12 file cannot be read.
enum PKCS12Defect: Error, Equatable {
    case malformed(expected: String)
    case unsupported(String)
    case wrongPassword

    /// What is wrong, and what would be right.
    var problem: String {
        switch self {
        case .malformed(let expected):
            "is no PKCS#12 file in DER, or damaged: expected \(expected)"
        case .unsupported(let what):
            "uses \(what), which is not supported. Write it anew with OpenSSL 3: openssl pkcs12 -legacy -in "
                + "OLD.p12 -nodes -out ALL.pem, then openssl pkcs12 -export -in ALL.pem -out NEW.p12"
        case .wrongPassword:
            "the password is wrong, or the file is damaged"
        }
    }
}
