import NIOCore

/// What is spoken on a port.
enum PortSpeech {
    case plain
    /// Plain or TLS, as the client begins.
    case either(TLSAcceptor)
    case tls(TLSAcceptor)

    var isPlain: Bool {
        if case .plain = self { true } else { false }
    }

    /// Whether another connection may begin its handshake; if not, the refusal is counted.
    func hasRoom() -> Bool {
        guard case .tls(let acceptor) = self, !acceptor.hasRoom else { return true }
        acceptor.refuseForRoom(nil)
        return false
    }

    /// Adds what stands between the socket and the connection; for a plain port, nothing.
    func addHandlers(
        to pipeline: ChannelPipeline.SynchronousOperations, for connection: Connection?
    ) throws {
        switch self {
        case .plain: break
        case .either(let acceptor): try pipeline.addHandler(ProtocolDetection(acceptor, for: connection))
        case .tls(let acceptor):
            let handlers = acceptor.handlers(for: connection)
            try pipeline.addHandler(handlers.tls)
            try pipeline.addHandler(handlers.gate)
        }
    }
}
