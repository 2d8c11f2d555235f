import DataTree
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

    let core: Core
    /// Unique among all connections of this server's life.
    let number: Sessions.Owner
    /// The place in the core's table, and the watcher's number in the tree.
    let index: UInt32
    let address: RemoteAddress
    let port: UInt16
    let openedAt: Int64

    @exclusivity(unchecked) var phase = Phase.fresh
    @exclusivity(unchecked) var sessionID = SessionID.none
    var sessionSlot: Sessions.Slot?
    var sessionTimeout: Int32 = 0
    /// What the client sent for read-only mode; its response has the byte only then.
    var readOnlyFlag: Bool?
    /// Whom the connection has proved to be.
    @exclusivity(unchecked) var proofs: IdentitySet
    /// False while the settings, or the session that it wants to resume, ask for a proof that is missing.
    @exclusivity(unchecked) var isAdmitted = true
    /// The identity that the session is bound to, until the connection has proved it.
    var missingProof: Identity?
    var saslExchange: DigestMD5Exchange?
    /// How lines of the audit log begin; nil until one is made, and when somebody else is proved.
    var auditAsker: AuditAsker?
    var hasFailedSASL = false
    /// The client speaks TLS, and its handshake is done.
    var isEncrypted = false

    /// Writes taken and answered, of this connection.
    @exclusivity(unchecked) var takenWriteCount: UInt64 = 0
    @exclusivity(unchecked) var answeredWriteCount: UInt64 = 0
    @exclusivity(unchecked) var deferred = DeferredRequests()

    /// What leaves with the next flush.
    @exclusivity(unchecked) var out: [UInt8] = []
    /// In the core's list of connections to flush.
    @exclusivity(unchecked) var isTouched = false
    @exclusivity(unchecked) var socket: DirectSocket
    @exclusivity(unchecked) var receivedCount: UInt64 = 0
    @exclusivity(unchecked) var sentCount: UInt64 = 0
    @exclusivity(unchecked) var figures = ConnectionFigures()

    private var splitter: FrameSplitter
    /// The first bytes, until they are enough to tell a command from a frame.
    private var firstBytes: [UInt8] = []
    private var hasBegun = false
    private(set) var context: ChannelHandlerContext?
    private(set) var readingIsPaused = false
    private(set) var isWritable = true

    /// Something that the client asked waits until what is gathered is on its way, or its writes are answered.
    @exclusivity(unchecked) var isHeld = false
    /// A setWatches2 waits for the log; nothing behind it is taken.
    @exclusivity(unchecked) var isCatchingUp = false
    /// Of a client with persistent watches: what it can be taken to have read.
    @exclusivity(unchecked) var trail: WatchTrail?
    /// The core goes on with what is held in a coming turn.
    var isGoingOn = false
    /// Bytes that the core counts as not taken by the client, and as half sent.
    var backlogByteCount = 0
    var keptByteCount = 0
    var slowByteCount: Int { backlogByteCount + keptByteCount }
    /// In the core's list of connections that wait for `requestThrottleLimit`.
    var isThrottled = false
    /// Since when its first request waits for that, nanoseconds of the monotonic clock; 0 if none does.
    var throttledSince: Int64 = 0
    /// Bytes that the channel got when it stopped taking more.
    var lastSentByteCount = 0

    init(
        core: Core, number: Sessions.Owner, index: UInt32, address: RemoteAddress, port: Int,
        identities: [Identity], socket: DirectSocket
    ) {
        self.core = core
        self.number = number
        self.index = index
        self.address = address
        self.port = UInt16(truncatingIfNeeded: port)
        self.socket = socket
        openedAt = core.now
        proofs = IdentitySet(identities)
        splitter = FrameSplitter(
            frameByteCountMax: core.configuration.requestByteCountMax,
            firstFrameByteCountMax: Self.firstFrameByteCountMax)
        isAdmitted = core.admits(self)
    }

    @inline(__always)
    var identities: [Identity] { proofs.list }

    /// Address and port, as ZooKeeper writes them.
    var remoteDescription: String { "/\(address.text):\(port)" }

    var hasPendingWrites: Bool { takenWriteCount != answeredWriteCount }
    var pendingCount: Int { Int(takenWriteCount - answeredWriteCount) + deferred.count }

    var mayTakeWrite: Bool { deferred.count <= Self.deferredCountMax }

    /// Whether what is held may go on now.
    var mayGoOn: Bool {
        phase.takesRequests && isWritable && !isThrottled && !isCatchingUp
            && (mayTakeWrite || !hasPendingWrites)
    }

    /// Nothing is read from the client, and that is not its fault: it does take its replies.
    var waitsForServer: Bool { readingIsPaused && isWritable }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        socket.forget()
        if phase != .closing { core.statistics.connectionsDropped += 1 }
        phase = .closing
        core.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        if phase.takesRequests {
            core.beginReading(from: self)
            if hasBegun {
                take(buffer.readableBytesSpan)
            } else {
                begin(buffer.readableBytesSpan)
            }
        }
        core.receiveBuffer.giveBack(buffer)
    }

    func channelReadComplete(context: ChannelHandlerContext) { core.endReading(from: self) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { core.noteWritable(self) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            core.noteInputClosed(self)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.logger.debug("\(remoteDescription): \(error)")
        context.close(promise: nil)
    }

    // MARK: Frames

    private func begin(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { firstBytes.append(contentsOf: $0) }
        guard firstBytes.count >= FrameSplitter.lengthByteCount else { return }
        let code = firstBytes.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
        if let word = FourLetterWord(code: code) {
            command(word)
            return
        }
        hasBegun = true
        let first = firstBytes
        firstBytes = []
        take(first.span.bytes)
    }

    /// Has a command answered once all of it is here.
    private func command(_ word: FourLetterWord) {
        let all = FrameSplitter.lengthByteCount + word.argumentByteCount
        let isAllowed = core.configuration.fourLetterWords.allows(word)
        guard !isAllowed || firstBytes.count >= all else { return }
        hasBegun = true
        var argument: Int64 = 0
        for byte in firstBytes.prefix(all).dropFirst(FrameSplitter.lengthByteCount) {
            argument = argument << 8 | Int64(byte)
        }
        firstBytes = []
        core.answer(word, argument: argument, on: self)
    }

    private func take(_ bytes: RawSpan) {
        if isHeld {
            splitter.stop(before: bytes)
            return
        }
        do throws(FrameSplitter.BadLength) {
            splitter.preview(bytes) { core.expect($0) }
            core.fetchExpected()
            try splitter.split(bytes) {
                out.count <= Self.gatheredByteCountMax && core.receive($0, from: self)
            }
        } catch {
            refuse(error)
        }
        if splitter.isStopped { hold() }
        noteKept()
    }

    private func noteKept() {
        guard splitter.keptByteCount > 0 || keptByteCount > 0 else { return }
        core.noteKept(self, splitter.keptByteCount)
        guard !splitter.isStopped, let declared = splitter.declaredByteCount else { return }
        _ = core.hasRoomForRequest(declared, on: self)
    }

    /// Takes what was held, until the next stop.
    func takeHeld() {
        do throws(FrameSplitter.BadLength) {
            try splitter.resume { out.count <= Self.gatheredByteCountMax && core.receive($0, from: self) }
        } catch {
            refuse(error)
        }
        isHeld = splitter.isStopped
        if !isHeld { throttledSince = 0 }
        noteKept()
    }

    /// Takes nothing more until the core goes on.
    func hold() {
        isHeld = true
        pauseReading()
    }

    private func refuse(_ bad: FrameSplitter.BadLength) {
        let name = bad.limit < splitter.frameByteCountMax ? "for the first" : "jute.maxbuffer"
        core.refuse(
            self, "a frame of \(bad.declared) bytes is outside the limits (0 to \(bad.limit), \(name))")
    }

    // MARK: Reading

    func pauseReading() { setReading(false) }

    /// Goes on reading, unless the client does not take its replies or something of it is held.
    func resumeReading() {
        if isWritable && !isHeld { setReading(true) }
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
}
