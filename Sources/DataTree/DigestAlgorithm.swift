import Crypto

/// How the `digest` scheme hashes `user:password` (`DigestAuthenticationProvider.digestAlg`).
package enum DigestAlgorithm: Equatable, Sendable {
    case md5
    case sha1
    case sha256
    case sha384
    case sha512
    case sha3With256Bits
    case sha3With384Bits
    case sha3With512Bits

    /// Every name, as Java has them.
    package static let names = [
        "MD5", "SHA1", "SHA-1", "SHA", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512",
    ]

    /// Capital or small letters, as in Java; nil for what is not in `names`.
    package init?(javaName: String) {
        switch javaName.uppercased() {
        case "MD5": self = .md5
        case "SHA1", "SHA-1", "SHA": self = .sha1
        case "SHA-256": self = .sha256
        case "SHA-384": self = .sha384
        case "SHA-512": self = .sha512
        case "SHA3-256": self = .sha3With256Bits
        case "SHA3-384": self = .sha3With384Bits
        case "SHA3-512": self = .sha3With512Bits
        default: return nil
        }
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .md5: Array(Insecure.MD5.hash(data: bytes))
        case .sha1: Array(Insecure.SHA1.hash(data: bytes))
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha384: Array(SHA384.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        case .sha3With256Bits: Array(SHA3_256.hash(data: bytes))
        case .sha3With384Bits: Array(SHA3_384.hash(data: bytes))
        case .sha3With512Bits: Array(SHA3_512.hash(data: bytes))
        }
    }
}
