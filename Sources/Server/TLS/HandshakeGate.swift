import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Stands between TLS and the connection until the handshake is done.
///
/// No byte of a client gets past before its certificate is judged and the connection has the identity that
/// it proves. A handshake that takes too long, or that fails, ends the connection.
final class HandshakeGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum State { case waiting, passed, refused }

    private let acceptor: TLSAcceptor
    /// Who connects; nil while nothing is served, and then nobody needs an identity.
    private let connection: Connection?
    private var state = State.waiting
    private var patience: Scheduled<Void>?

    init(_ acceptor: TLSAcceptor, for connection: Connection?) {
        self.acceptor = acceptor
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        acceptor.beginHandshake()
        let limit = TimeAmount.milliseconds(Int64(acceptor.context.settings.handshakeMilliseconds))
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        patience = context.eventLoop.scheduleTask(in: limit) {
            let (gate, context) = loopBound.value
            gate.refuse("the TLS handshake took too long", context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave(.refused) }

    func channelInactive(context: ChannelHandlerContext) {
        leave(.refused)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state == .passed { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state == .passed { context.fireChannelReadComplete() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent, state == .waiting { judge(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .waiting: refuse(TLSFailure.words(for: error), context)
        case .passed: context.fireErrorCaught(error)
        case .refused: break
        }
    }

    // MARK: Judging

    private func judge(_ context: ChannelHandlerContext) {
        do {
            let certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate()
            if let connection, let certificate {
                try acceptor.identify(connection, by: certificate)
            }
            connection?.isEncrypted = true
            leave(.passed)
        } catch let refusal as CertificateRefusal {
            refuse(refusal.reason, context)
        } catch {
            refuse("the client's certificate cannot be read", context)
        }
    }

    private func refuse(_ reason: String, _ context: ChannelHandlerContext) {
        guard state == .waiting else { return }
        leave(.refused)
        acceptor.noteFailure(reason, of: connection)
        context.close(promise: nil)
    }

    private func leave(_ new: State) {
        guard state == .waiting else { return }
        state = new
        patience?.cancel()
        patience = nil
        acceptor.endHandshake()
    }
}

/// Why a certificate that TLS itself accepts is not good enough.
struct CertificateRefusal: Error, Equatable {
    var reason: String
}

/// What went wrong in a handshake, in few words.
enum TLSFailure {
    static let eof = "the client went away during the TLS handshake"

    static func words(for error: any Error) -> String {
        guard case .handshakeFailed(let cause)? = error as? NIOSSLError else { return "TLS: \(error)" }
        guard case .sslError(let stack) = cause, let first = stack.first else {
            return "TLS handshake failed: \(cause)"
        }
        if first == .eofDuringHandshake || first == .eofDuringAdditionalCertficiateChainValidation {
            return eof
        }
        // error:CODE:LIBRARY:FUNCTION:REASON at FILE:LINE
        let parts = first.description.split(separator: ":", omittingEmptySubsequences: false)
        guard let place = parts.firstIndex(where: { $0.hasSuffix("OPENSSL_internal") }),
            place + 1 < parts.count,
            let word = parts[place + 1].split(separator: " ").first
        else { return "TLS handshake failed: \(first)" }
        return "TLS handshake failed: \(word)"
    }
}
