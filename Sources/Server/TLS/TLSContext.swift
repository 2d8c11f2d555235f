import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificates that new connections get: one value for key, certificates and trust together.
///
/// They are exchanged as a whole, so no handshake sees a key of yesterday with a certificate of today.
package final class TLSContext: Sendable {
    package let settings: TLSSettings
    /// Of the files as they were before they were read for the first time.
    let firstFingerprint: [FileMark?]
    private let current: Mutex<NIOSSLContext>

    /// Reads the files.
    package init(_ settings: TLSSettings, logger: Logger) throws(StoreFileError) {
        self.settings = settings
        firstFingerprint = settings.fingerprint()
        current = Mutex(try Self.load(settings, logger))
    }

    /// For one new connection.
    package var forNewConnection: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files again. If one of them is bad, everything stays as it was.
    func reload(logger: Logger) throws(StoreFileError) {
        let fresh = try Self.load(settings, logger)
        current.withLock { $0 = fresh }
    }

    /// So long a connection that is closed waits for the other side's farewell.
    private static let farewellMax = TimeAmount.seconds(1)

    private static func load(_ settings: TLSSettings, _ logger: Logger) throws(StoreFileError)
        -> NIOSSLContext
    {
        guard let keyFile = settings.keyStore else {
            throw StoreFileError(file: "ssl.keyStore.location", problem: "is missing")
        }
        let keys = try KeyStore(keyFile)
        if let own = keys.chain.first { warnOfAge(own, keyFile, logger) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: keys.chain.map { .certificate($0) }, privateKey: .privateKey(keys.key))
        configuration.minimumTLSVersion = settings.versions.lowerBound == .v12 ? .tlsv12 : .tlsv13
        configuration.maximumTLSVersion = settings.versions.upperBound == .v12 ? .tlsv12 : .tlsv13
        configuration.cipherSuiteValues = settings.cipherSuites.filter { !$0.isOfTLS13 }.map(\.cipher)
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = farewellMax
        if let trust = settings.clientAuthentication == .none ? nil : settings.trustStore {
            configuration.trustRoots = .certificates(try TrustStore(trust).certificates)
            configuration.sendCANameList = true
            configuration.certificateVerification =
                settings.clientAuthentication == .need ? .noHostnameVerification : .optionalVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw keyFile.error("cannot be used, its key and its first certificate may not belong together")
        }
    }

    private static func warnOfAge(_ certificate: NIOSSLCertificate, _ file: StoreFile, _ logger: Logger) {
        let now = Clock.wallMilliseconds() / 1000
        guard !certificate.isValid(at: now) else { return }
        let which = Int64(certificate.notValidAfter) < now ? "has expired" : "is not valid yet"
        logger.warning("\(file.path): the server's certificate \(which); clients will refuse it")
    }
}

extension TLSSettings {
    /// Looks different whenever one of the files has been changed or replaced.
    func fingerprint() -> [FileMark?] { [keyStore, trustStore].flatMap { $0?.fingerprint() ?? [] } }
}

extension NIOSSLCertificate {
    /// At a moment in seconds since 1970.
    func isValid(at moment: Int64) -> Bool {
        Int64(notValidBefore) <= moment && moment <= Int64(notValidAfter)
    }
}
