import Logging
import NIOCore
import NIOSSL
import Synchronization

/// Puts TLS under the connections of a port, and keeps watch over their handshakes.
final class TLSAcceptor: Sendable {
    let context: TLSContext
    private let core: CoreReference
    private let logger: Logger
    private let handshakes = Atomic<Int>(0)
    /// The moment of the last line about a failure, and how many had none since.
    private let silence = Mutex((until: Int64(0), failures: 0))

    /// Buffers that grew beyond this for a large reply do not stay with their connection.
    private static let keptBufferByteCount = 64 << 10
    private static let silenceNanoseconds: Int64 = 1_000_000_000

    init(_ context: TLSContext, core: CoreReference, logger: Logger) {
        self.context = context
        self.core = core
        self.logger = logger
    }

    /// Handshakes that have begun and not ended.
    var handshakeCount: Int { handshakes.load(ordering: .relaxed) }

    func beginHandshake() { handshakes.add(1, ordering: .relaxed) }

    func endHandshake() { handshakes.subtract(1, ordering: .relaxed) }

    /// Whether another handshake may begin (`outstandingHandshake.limit`).
    var hasRoom: Bool {
        guard let most = context.settings.handshakeCountMax else { return true }
        return handshakeCount < most
    }

    /// The handlers that make a channel's bytes those of TLS, outermost first.
    func handlers(for connection: Connection?) -> (tls: NIOSSLServerHandler, gate: HandshakeGate) {
        var configuration = NIOSSLServerHandler.Configuration()
        configuration.maximumPreservedOutboundBufferCapacity = Self.keptBufferByteCount
        let handler = NIOSSLServerHandler(context: context.forNewConnection, configuration: configuration)
        return (handler, HandshakeGate(self, for: connection))
    }

    // MARK: Certificates

    /// Gives a connection the identity that a certificate, which is trusted, proves.
    ///
    /// Its dates are looked at here too: a session that is taken up again brings an old certificate with it.
    func identify(_ connection: Connection, by certificate: NIOSSLCertificate) throws {
        guard certificate.isValid(at: Clock.wallMilliseconds() / 1000) else {
            throw CertificateRefusal(reason: "the client's certificate is not valid at this time")
        }
        let fields = try CertificateFields(reading: certificate.toDERBytes())
        if context.settings.verifiesClientAddress {
            guard fields.addresses.contains(connection.address.certificateBytes) else {
                throw CertificateRefusal(
                    reason:
                        "the client's certificate is not made out to its address \(connection.address.text)")
            }
        }
        let subject = try DistinguishedName.text(of: fields.subject)
        guard connection.core.identify(connection, certificateSubject: subject) else {
            throw CertificateRefusal(reason: "the client's certificate has too long a name")
        }
    }

    // MARK: Failures

    /// Counts a connection that was closed because too many handshakes are under way.
    func refuseForRoom(_ connection: Connection?) {
        core.onLoop?.statistics.handshakesRefused += 1
        let most = context.settings.handshakeCountMax ?? 0
        warn(
            "refused, \(most) TLS handshakes are under way (outstandingHandshake.limit)",
            of: connection)
    }

    /// Counts a failure. A line a second at most: whoever can connect can cause them.
    func noteFailure(_ reason: String, of connection: Connection?) {
        if let core = core.onLoop {
            core.statistics.authFailures += 1
            core.statistics.handshakesFailed += 1
        }
        // Health checks of ports connect and leave.
        if reason == TLSFailure.eof {
            logger.debug("\(connection?.remoteDescription ?? "unknown"): closed: \(reason)")
        } else {
            warn("closed: \(reason)", of: connection)
        }
    }

    private func warn(_ text: String, of connection: Connection?) {
        let now = Clock.monotonicNanoseconds()
        let unsaid: Int? = silence.withLock { silence in
            guard now >= silence.until else {
                silence.failures += 1
                return nil
            }
            defer { silence = (now + Self.silenceNanoseconds, 0) }
            return silence.failures
        }
        guard let unsaid else { return }
        let others = unsaid == 0 ? "" : " (and \(unsaid) others before)"
        logger.warning("\(connection?.remoteDescription ?? "unknown"): \(text)\(others)")
    }
}
