import NIOCore

/// The way of replies and events from a connection to its socket.
extension Connection {
    /// Hands everything gathered to the kernel, if it takes it.
    func flush() {
        guard !out.isEmpty, let context else {
            core.takeBackBuffer(of: self)
            return
        }
        guard isWritable else {
            keepBacklog()
            return
        }
        if sendDirectly() { return }
        lastSentByteCount = out.count
        writeToChannel(context)
        if !isWritable {
            core.noteBacklog(self, lastSentByteCount)
            pauseReading()
        }
    }

    /// Hands what is gathered to the kernel; false if some of it is left for the channel.
    private func sendDirectly(isLast: Bool = false) -> Bool {
        guard socket.mayBeWritten else { return false }
        let taken = socket.send(out, isLast: isLast)
        guard taken == out.count else {
            out.removeFirst(taken)
            return false
        }
        core.takeBackBuffer(of: self)
        return true
    }

    /// Nothing is sent directly until the channel has written what it gets.
    private func writeToChannel(_ context: ChannelHandlerContext) {
        guard socket.countsChannelWrites else {
            context.writeAndFlush(wrapOutboundOut(takeGathered()), promise: nil)
            return
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        socket.beginChannelWrite()
        written.futureResult.assumeIsolated().whenComplete { [self] _ in socket.endChannelWrite() }
        context.writeAndFlush(wrapOutboundOut(takeGathered()), promise: written)
    }

    /// What is gathered stays here, where a small piece takes no more memory than its bytes.
    private func keepBacklog() {
        guard out.count <= Self.unsentByteCountMax else {
            core.refuse(self, "the client does not read: \(out.count) bytes wait to be sent")
            return
        }
        core.noteBacklog(self, lastSentByteCount + out.count)
    }

    /// What is gathered, for the channel; small pieces are in the buffer that all connections share.
    private func takeGathered() -> ByteBuffer {
        defer { core.takeBackBuffer(of: self) }
        if out.count > Self.sharedBufferByteCount { return ByteBuffer(bytes: out) }
        core.sendBuffer.clear()
        core.sendBuffer.writeBytes(out)
        return core.sendBuffer
    }

    /// Sends what was gathered, and closes once the kernel has it. Nothing more is taken.
    func closeAfterFlush() {
        phase = .closing
        guard let context else { return }
        guard !out.isEmpty, !sendDirectly(isLast: true) else {
            context.close(promise: nil)
            return
        }
        writeToChannel(context)
        guard unsentByteCount > 0 else {
            context.close(promise: nil)
            return
        }
        core.closeLater(self)
        let channel = context.channel
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in channel.close(promise: nil) }
        // Nothing more; it is written when all before it is.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    /// Bytes that the channel has and the kernel does not take now.
    private var unsentByteCount: Int {
        do {
            return try context?.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            // Closed meanwhile.
            return 0
        }
    }

    /// Closes at once; what was not sent is lost.
    func close() {
        phase = .closing
        out = []
        core.noteBacklog(self, 0)
        core.noteKept(self, 0)
        context?.close(promise: nil)
    }
}
