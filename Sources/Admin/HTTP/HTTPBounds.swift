import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection whose client takes more than its share: a body that is too long or never ends, a request
/// that arrives too slowly, an answer that nobody takes.
///
/// Silence between requests, and in front of the first, is hummingbird's own handler's concern.
final class HTTPBounds: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// So much of a long body is still taken behind an answer that did not wait for it: a client that is cut
    /// off while it sends may never see the answer.
    private static let leftoverByteCountMax = 16 << 20

    private let limits: HTTPLimits
    /// When the request that is arriving began; nil between requests, and while a long body may come.
    private var arrivingSince: NIODeadline?
    private var mayBeLong = false
    private var bodyByteCount = 0
    private var unwrittenCount = 0
    /// When the kernel last took something of an answer, or the first piece of one was given to it.
    private var lastTaken = NIODeadline.now()
    private var check: Scheduled<Void>?

    init(_ limits: HTTPLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { scheduleCheck(context) }

    func handlerRemoved(context: ChannelHandlerContext) { check?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            mayBeLong = limits.takesLongBody(head)
            arrivingSince = mayBeLong ? nil : .now()
            bodyByteCount = 0
        case .body(let piece):
            bodyByteCount += piece.readableBytes
            guard mayBeLong || bodyByteCount <= limits.bodyByteCountMax else {
                context.close(promise: nil)
                return
            }
        case .end:
            arrivingSince = nil
            mayBeLong = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The rest of a long body, behind an answer that did not wait for it, is not wanted.
        if case .end = unwrapOutboundIn(data), mayBeLong {
            mayBeLong = false
            arrivingSince = .now()
            bodyByteCount = -Self.leftoverByteCountMax
        }
        if unwrittenCount == 0 { lastTaken = .now() }
        unwrittenCount += 1
        let taken = promise ?? context.eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenComplete { [self] _ in
            unwrittenCount -= 1
            lastTaken = .now()
        }
        context.write(data, promise: taken)
    }

    private func scheduleCheck(_ context: ChannelHandlerContext) {
        let pause = TimeAmount.nanoseconds(max(limits.idleTime.nanoseconds / 4, 1_000_000))
        check = context.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
            let earliest = NIODeadline.now() - limits.idleTime
            let isTooSlow = arrivingSince.map { $0 < earliest } ?? false
            let isUntaken = unwrittenCount > 0 && lastTaken < earliest
            if isTooSlow || isUntaken {
                context.close(promise: nil)
            } else {
                scheduleCheck(context)
            }
        }
    }
}
