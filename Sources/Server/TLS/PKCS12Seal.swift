import Crypto

/// The seal of a PKCS#12 file: an HMAC over its parts, with a key made of the password (RFC 7292, B.2).
struct PKCS12Seal {
    /// More rounds than anybody uses would only keep the server busy.
    static let roundsMax = 10_000_000
    private static let expectation = "a seal"

    private let hash: String
    private let code: [UInt8]
    private let salt: [UInt8]
    private let rounds: Int

    init(_ value: DERValue) throws {
        let digest = try value.child(0, expecting: Self.expectation)
        hash = try digest.child(0, expecting: Self.expectation).child(0, expecting: Self.expectation)
            .objectIdentifier()
        code = [UInt8](
            try digest.child(1, expecting: Self.expectation).content(expecting: Self.expectation))
        salt = [UInt8](
            try value.child(1, expecting: Self.expectation).content(expecting: Self.expectation))
        rounds =
            value.children.count > 2
            ? try value.child(2, expecting: Self.expectation)
                .count(upTo: Self.roundsMax, expecting: "at most \(Self.roundsMax) rounds") : 1
    }

    func check(_ content: ArraySlice<UInt8>, password: [UInt8]) throws {
        let isRight: Bool
        switch hash {
        case "1.3.14.3.2.26": isRight = isSealed(content, password, Insecure.SHA1.self)
        case "2.16.840.1.101.3.4.2.1": isRight = isSealed(content, password, SHA256.self)
        case "2.16.840.1.101.3.4.2.2": isRight = isSealed(content, password, SHA384.self)
        case "2.16.840.1.101.3.4.2.3": isRight = isSealed(content, password, SHA512.self)
        default: throw PKCS12Defect.unsupported("a seal by the hash \(hash)")
        }
        guard isRight else { throw PKCS12Defect.wrongPassword }
    }

    private func isSealed<Hash: HashFunction>(
        _ content: ArraySlice<UInt8>, _ password: [UInt8], _: Hash.Type
    ) -> Bool {
        let key = SymmetricKey(data: sealingKey(password, Hash.self))
        return HMAC<Hash>.isValidAuthenticationCode(code, authenticating: content, using: key)
    }

    /// As long as the hash, so that one block is all that is needed of the derivation.
    private func sealingKey<Hash: HashFunction>(_ password: [UInt8], _: Hash.Type) -> [UInt8] {
        let purposeOfSealing: UInt8 = 3
        let block = Hash.blockByteCount
        var input = [UInt8](repeating: purposeOfSealing, count: block)
        input += Self.repeated(salt, toMultipleOf: block)
        input += Self.repeated(Self.wideText(password), toMultipleOf: block)
        var key = Array(Hash.hash(data: input))
        for _ in 1..<max(rounds, 1) { key = Array(Hash.hash(data: key)) }
        return key
    }

    private static func repeated(_ bytes: [UInt8], toMultipleOf block: Int) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        let count = (bytes.count + block - 1) / block * block
        return (0..<count).map { bytes[$0 % bytes.count] }
    }

    /// Big-endian UTF-16 with a zero at the end.
    private static func wideText(_ password: [UInt8]) -> [UInt8] {
        (Array(String(decoding: password, as: UTF8.self).utf16) + [0]).flatMap {
            [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)]
        }
    }
}
