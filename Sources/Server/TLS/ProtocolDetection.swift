import NIOCore

/// Tells TLS from plain connections on one port by their first byte, and steps aside.
///
/// A TLS connection begins with 22; no frame that is short enough to be taken does, and no command.
final class ProtocolDetection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let handshakeRecord: UInt8 = 22

    private let acceptor: TLSAcceptor
    private let connection: Connection?
    private var patience: Scheduled<Void>?

    init(_ acceptor: TLSAcceptor, for connection: Connection?) {
        self.acceptor = acceptor
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let limit = TimeAmount.milliseconds(Int64(acceptor.context.settings.handshakeMilliseconds))
        patience = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { patience?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return }
        if first == Self.handshakeRecord {
            guard acceptor.hasRoom else {
                acceptor.refuseForRoom(connection)
                context.close(promise: nil)
                return
            }
            do {
                let handlers = acceptor.handlers(for: connection)
                let operations = context.pipeline.syncOperations
                try operations.addHandler(handlers.tls, position: .after(self))
                try operations.addHandler(handlers.gate, position: .after(handlers.tls))
            } catch {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(wrapInboundOut(buffer))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
