import NIOSSL

/// The cipher suites that there are, by the names that Java and IANA have for them.
package struct CipherSuite: Equatable, Sendable {
    package let name: String
    let code: UInt16

    private init(_ name: String, _ code: UInt16) {
        self.name = name
        self.code = code
    }

    /// TLS 1.3 has suites of its own; no other version knows them.
    package var isOfTLS13: Bool { code >> 8 == 0x13 }

    var cipher: NIOTLSCipher { NIOTLSCipher(rawValue: code) }

    package init?(named name: String) {
        guard let suite = Self.all.first(where: { $0.name == name }) else { return nil }
        self = suite
    }

    /// What is offered when nothing is said: authenticated encryption with fresh keys, nothing else.
    package static var standard: [CipherSuite] {
        all.filter { $0.isOfTLS13 || ($0.name.hasPrefix("TLS_ECDHE") && !$0.name.contains("_CBC_")) }
    }

    package static let all: [CipherSuite] = [
        CipherSuite("TLS_AES_256_GCM_SHA384", 0x1302),
        CipherSuite("TLS_AES_128_GCM_SHA256", 0x1301),
        CipherSuite("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
        CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
        CipherSuite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
        CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
        CipherSuite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
        CipherSuite("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9),
        CipherSuite("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8),
        CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009),
        CipherSuite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013),
        CipherSuite("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a),
        CipherSuite("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014),
        CipherSuite("TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c),
        CipherSuite("TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d),
        CipherSuite("TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f),
        CipherSuite("TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035),
    ]
}
