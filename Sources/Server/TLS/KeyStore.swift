import NIOSSL

/// A server's key with the certificates that vouch for it, its own first.
struct KeyStore {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Reads the file anew.
    init(_ file: StoreFile) throws(StoreFileError) {
        let bytes = try file.contents()
        let password = try file.currentPassword()
        switch file.kind {
        case .pem: (chain, key) = try Self.fromPEM(bytes, password, file)
        case .pkcs12: (chain, key) = try Self.fromPKCS12(bytes, password, file)
        case .jks, .bcfks: throw file.javaOnly
        }
        guard !chain.isEmpty else { throw file.error("holds no certificate; expected the server's own") }
    }

    private static func fromPEM(
        _ bytes: [UInt8], _ password: [UInt8], _ file: StoreFile
    ) throws(StoreFileError) -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        let chain = try file.certificates(inPEM: bytes)
        do {
            // Without a password the library is given an empty one, so that it never asks a terminal.
            let key = try NIOSSLPrivateKey(bytes: bytes, format: .pem) { $0(password) }
            return (chain, key)
        } catch {
            throw file.error(
                "holds no private key that can be read: expected one in PEM (PRIVATE KEY, ENCRYPTED PRIVATE "
                    + "KEY, RSA or EC PRIVATE KEY), and its password if it is encrypted")
        }
    }

    private static func fromPKCS12(
        _ bytes: [UInt8], _ password: [UInt8], _ file: StoreFile
    ) throws(StoreFileError) -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        let content = try file.pkcs12(bytes, password)
        guard let first = content.keys.first else { throw file.error("holds no private key") }
        do {
            let key = try NIOSSLPrivateKey(bytes: first.bytes, format: .der)
            return (try file.certificates(Self.chain(of: first, in: content).map(\.bytes)), key)
        } catch let error as StoreFileError {
            throw error
        } catch {
            throw file.error("holds a private key of a kind that is not known; expected RSA or EC")
        }
    }

    /// The certificate that bears the key's name, then each one's issuer, as far as they are there.
    private static func chain(
        of key: PKCS12File.Key, in content: PKCS12File
    ) throws(DERDefect) -> [PKCS12File.Certificate] {
        var left: [(certificate: PKCS12File.Certificate, fields: CertificateFields)] = []
        for certificate in content.certificates {
            left.append((certificate, try CertificateFields(reading: certificate.bytes)))
        }
        let own = left.firstIndex { key.localID != nil && $0.certificate.localID == key.localID } ?? 0
        guard own < left.count else { return [] }
        var last = left.remove(at: own)
        var chain = [last.certificate]
        while let next = left.firstIndex(where: {
            $0.fields.subject.encodedBytes == last.fields.issuer.encodedBytes
        }) {
            last = left.remove(at: next)
            chain.append(last.certificate)
        }
        return chain
    }
}

/// The certificates that are trusted to vouch for clients.
struct TrustStore {
    let certificates: [NIOSSLCertificate]

    /// Reads the file anew.
    init(_ file: StoreFile) throws(StoreFileError) {
        let bytes = try file.contents()
        switch file.kind {
        case .pem: certificates = try file.certificates(inPEM: bytes)
        case .pkcs12:
            let content = try file.pkcs12(bytes, try file.currentPassword())
            certificates = try file.certificates(content.certificates.map(\.bytes))
        case .jks, .bcfks: throw file.javaOnly
        }
        guard !certificates.isEmpty else { throw file.error("holds no certificate; expected one at least") }
    }
}

extension StoreFile {
    func error(_ problem: String) -> StoreFileError { StoreFileError(file: path, problem: problem) }

    /// What is said of the kinds that only Java reads.
    var javaOnly: StoreFileError {
        error(
            "is a Java key store (\(kind.rawValue.uppercased())), which only Java reads. Convert it: keytool "
                + "-importkeystore -srckeystore \(path) -destkeystore NEW.p12 -deststoretype PKCS12")
    }

    fileprivate func certificates(inPEM bytes: [UInt8]) throws(StoreFileError) -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw self.error("holds no certificate in PEM that can be read")
        }
    }

    fileprivate func certificates(_ all: [[UInt8]]) throws(StoreFileError) -> [NIOSSLCertificate] {
        do {
            return try all.map { try NIOSSLCertificate(bytes: $0, format: .der) }
        } catch {
            throw self.error("holds a certificate that cannot be read")
        }
    }

    fileprivate func pkcs12(_ bytes: [UInt8], _ password: [UInt8]) throws(StoreFileError) -> PKCS12File {
        do throws(PKCS12Defect) {
            return try PKCS12File(bytes, password: password)
        } catch {
            throw self.error(error.problem)
        }
    }
}
