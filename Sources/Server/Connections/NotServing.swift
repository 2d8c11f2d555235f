import NIOCore

/// What a connection meets while the data is being loaded: the port is taken, and nothing is served yet.
///
/// A command is told so, as by Apache's server; a client's connection is closed, and it tries again or
/// goes elsewhere.
final class NotServing: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let text = "This ZooKeeper instance is not currently serving requests\n"
    /// Whoever says nothing for so long is sent away, too.
    private static let silenceMax = TimeAmount.seconds(10)

    private let words: FourLetterWordFilter
    private var first = ByteBuffer()
    private var patience: Scheduled<Void>?

    init(_ words: FourLetterWordFilter) { self.words = words }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        patience = context.eventLoop.scheduleTask(in: Self.silenceMax) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { patience?.cancel() }

    /// What can be told without a core, as ZooKeeper's tells it.
    private static func answer(_ word: FourLetterWord) -> String {
        switch word {
        case .ruok: "imok"
        case .isro: "null"
        case .envi: EnvironmentReport.text
        default: text
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = unwrapInboundIn(data)
        first.writeBuffer(&piece)
        guard let code = first.getInteger(at: first.readerIndex, as: UInt32.self) else { return }
        guard let word = FourLetterWord(code: code) else {
            context.close(promise: nil)
            return
        }
        let channel = context.channel
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        let answer = words.allows(word) ? Self.answer(word) : word.refusal
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: sent)
    }
}
