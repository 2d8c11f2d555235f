import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOSSL
import Server

/// What is spoken on an HTTP port: HTTP/1.1, through TLS or not.
package struct HTTPSpeech: ServerChildChannel {
    /// Which TLS.
    package struct TLS: Sendable {
        package let context: TLSContext
        /// Whoever does not begin with TLS is answered too.
        package let acceptsPlain: Bool

        package init(_ context: TLSContext, acceptsPlain: Bool) {
            self.context = context
            self.acceptsPlain = acceptsPlain
        }
    }

    package typealias Value = HTTP1Channel.Value

    private let tls: TLS?
    private let base: HTTP1Channel
    private let open: OpenChannels

    init(tls: TLS?, limits: HTTPLimits, open: OpenChannels, responder: @escaping HTTPResponder) {
        self.tls = tls
        self.open = open
        base = HTTP1Channel(
            responder: { request, writer, channel in
                let response = await responder(request, HTTPPeer(channel))
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [HTTPBounds(limits)], idleTimeout: limits.idleTime,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headByteCountMax, maxHeaderListSize: limits.headByteCountMax,
                    maxHeaderFieldCount: limits.headerCountMax)))
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        open.add(channel)
        guard let tls else { return base.setup(channel: channel, logger: logger) }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if tls.acceptsPlain {
                try pipeline.addHandler(FirstByte(tls.context))
            } else {
                try pipeline.addHandler(NIOSSLServerHandler(context: tls.context.forNewConnection))
            }
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Tells TLS from plain connections on one port by their first byte, and steps aside: a TLS connection begins
/// with 22, no HTTP request does.
private final class FirstByte: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let handshakeRecord: UInt8 = 22

    private let tls: TLSContext

    init(_ tls: TLSContext) { self.tls = tls }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return }
        if first == Self.handshakeRecord {
            do {
                try context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tls.forNewConnection), position: .after(self))
            } catch {
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(wrapInboundOut(buffer))
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
