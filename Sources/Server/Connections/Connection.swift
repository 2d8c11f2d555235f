import Identifiers
import Jute
import Logging
import NIOCore
import Sessions

/// A client's connection: cuts what comes in into frames, and gathers what goes out.
///
/// Lives on the core's event loop. Everything that a turn has for a client leaves with one write.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Nothing was asked yet.
        case fresh
        /// A new session is on its way to the log.
        case opening
        case open
        /// The end of its session is on its way to the log: nothing more is taken, replies still come.
        case ending
        /// Nothing more is taken; what was written leaves, then the socket closes.
        case closing

        var takesRequests: Bool { self != .ending && self != .closing }
    }

    /// Bytes gathered for a client that does not take them, above which its connection is closed.
    private static let unsentByteCountMax = 64 << 20
    /// A larger buffer is given back once it was sent.
    private static let keptBufferByteCount = 1 << 16

    let core: Core
    /// Unique among all connections of this server's life.
    let number: Sessions.Owner
    /// The place in the core's table, and the watcher's number in the tree.
    let index: UInt32
    let address: String
    let remoteDescription: String
    let openedAt: Int64

    @exclusivity(unchecked) var phase = Phase.fresh
    @exclusivity(unchecked) var sessionID = SessionID.none
    var sessionSlot: Sessions.Slot?
    var sessionTimeout: Int32 = 0
    /// What the client sent for read-only mode; its response has the byte only then.
    var readOnlyFlag: Bool?
    /// Whom the connection has proved to be.
    @exclusivity(unchecked) var identities: [Identity]

    /// Writes taken and answered, of this connection.
    @exclusivity(unchecked) var takenWriteCount: UInt64 = 0
    @exclusivity(unchecked) var answeredWriteCount: UInt64 = 0
    var deferred = DeferredRequests()

    /// What leaves with the next flush.
    @exclusivity(unchecked) var out: [UInt8] = []
    /// In the core's list of connections to flush.
    @exclusivity(unchecked) var isTouched = false
    @exclusivity(unchecked) var receivedCount: UInt64 = 0
    @exclusivity(unchecked) var sentCount: UInt64 = 0

    private var splitter: FrameSplitter
    /// The first bytes, until they are enough to tell a command from a frame.
    private var firstBytes: [UInt8] = []
    private var hasBegun = false
    private var context: ChannelHandlerContext?
    private var readingIsPaused = false
    private var isWritable = true

    init(core: Core, number: Sessions.Owner, index: UInt32, remote: SocketAddress?) {
        self.core = core
        self.number = number
        self.index = index
        address = remote?.ipAddress.map(Self.plainAddress) ?? "unknown"
        remoteDescription = "/\(address):\(remote?.port ?? 0)"
        openedAt = core.now
        identities = core.identities(of: address)
        splitter = FrameSplitter(frameByteCountMax: core.configuration.requestByteCountMax)
    }

    var hasPendingWrites: Bool { takenWriteCount != answeredWriteCount }
    var pendingCount: Int { Int(takenWriteCount - answeredWriteCount) + deferred.count }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        core.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase.takesRequests else { return }
        let buffer = unwrapInboundIn(data)
        core.beginReading(from: self)
        if hasBegun {
            take(buffer.readableBytesSpan)
        } else {
            begin(buffer.readableBytesSpan)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { core.endReading(from: self) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { core.noteWritable(self) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.logger.debug("\(remoteDescription): \(error)")
        context.close(promise: nil)
    }

    // MARK: Frames

    private func begin(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { firstBytes.append(contentsOf: $0) }
        guard firstBytes.count >= FrameSplitter.lengthByteCount else { return }
        hasBegun = true
        let first = firstBytes
        firstBytes = []
        let code = first.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
        if code == Self.telnetClose { return }
        if let word = FourLetterWord(code: code) {
            core.answer(word, on: self)
            return
        }
        take(first.span.bytes)
    }

    private func take(_ bytes: RawSpan) {
        do throws(FrameSplitter.BadLength) {
            splitter.preview(bytes) { core.expect($0) }
            core.fetchExpected()
            try splitter.split(bytes) { core.receive($0, from: self) }
        } catch {
            core.refuse(
                self,
                "a frame of \(error.declared) bytes is outside the limits (0 to \(error.limit), jute.maxbuffer)"
            )
        }
    }

    // MARK: Sending

    /// Hands everything gathered to the kernel.
    func flush() {
        guard !out.isEmpty, let context else {
            out.removeAll(keepingCapacity: false)
            return
        }
        core.sendBuffer.clear()
        core.sendBuffer.writeBytes(out)
        context.writeAndFlush(wrapOutboundOut(core.sendBuffer), promise: nil)
        out.removeAll(keepingCapacity: out.capacity <= Self.keptBufferByteCount)
        if !isWritable { checkUnsent(context) }
    }

    /// Sends what was gathered, and closes once the kernel has it. Nothing more is taken.
    func closeAfterFlush() {
        phase = .closing
        guard let context else { return }
        guard !out.isEmpty else {
            context.close(promise: nil)
            return
        }
        let channel = context.channel
        core.closeLater(self)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        core.sendBuffer.clear()
        core.sendBuffer.writeBytes(out)
        out = []
        context.writeAndFlush(wrapOutboundOut(core.sendBuffer), promise: promise)
    }

    /// Closes at once; what was not sent is lost.
    func close() {
        phase = .closing
        out = []
        context?.close(promise: nil)
    }

    private func checkUnsent(_ context: ChannelHandlerContext) {
        pauseReading()
        do {
            let unsent = try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
            guard unsent > Self.unsentByteCountMax else { return }
            core.refuse(self, "the client does not read: \(unsent) bytes wait to be sent")
        } catch {
            core.refuse(self, "the channel does not tell how much waits to be sent: \(error)")
        }
    }

    // MARK: Reading

    func pauseReading() { setReading(false) }

    /// Goes on reading, unless the client does not take its replies.
    func resumeReading() {
        if isWritable { setReading(true) }
    }

    private func setReading(_ reads: Bool) {
        guard readingIsPaused == reads, let context else { return }
        readingIsPaused = !reads
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: reads)
        } catch {
            core.logger.debug("\(remoteDescription): \(error)")
        }
    }

    /// `telnet` sends this when its user closes it.
    private static let telnetClose: UInt32 = 0xfff4_fffd

    /// An IPv4 address that came through an IPv6 socket, as IPv4.
    private static func plainAddress(_ address: String) -> String {
        let prefix = "::ffff:"
        return address.hasPrefix(prefix) && address.contains(".")
            ? String(address.dropFirst(prefix.count)) : address
    }
}
