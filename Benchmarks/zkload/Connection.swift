import Glibc

/// A request that was issued and not yet answered.
struct PendingRequest {
    /// When it was due to be sent; its latency counts from here.
    var dueNanoseconds: Int64
    var operation: Operation
}

/// One session's socket under load: requests leave in batches, replies are checked in place.
///
/// All memory is taken at the start; issuing and answering a request allocates nothing.
struct Connection: ~Copyable {
    private static let inputByteCountMin = 256 * 1024
    let wire: Wire
    /// What the poller was told; the owner of the poller keeps it.
    var isWatchingWrites = false

    private let output: UnsafeMutableRawPointer
    private let outputByteCount: Int
    private var outputStart = 0
    private var outputEnd = 0

    private let input: UnsafeMutableRawPointer
    private let inputByteCount: Int
    private var inputEnd = 0

    private let pending: UnsafeMutablePointer<PendingRequest>
    private let pendingMask: Int
    private var issuedCount = 0
    private var answeredCount = 0

    /// Takes over the socket of a granted session, for up to `outstandingCountMax` requests at a time.
    init(
        _ session: consuming Session, outstandingCountMax: Int, requestByteCountMax: Int,
        replyByteCountMax: Int
    ) throws(LoadFailure) {
        wire = session.takeWire()
        var capacity = 1
        while capacity < outstandingCountMax { capacity *= 2 }
        pendingMask = capacity - 1
        pending = .allocate(capacity: capacity)
        outputByteCount = capacity * requestByteCountMax
        output = .allocate(byteCount: outputByteCount, alignment: 64)
        inputByteCount = max(Self.inputByteCountMin, 2 * replyByteCountMax)
        input = .allocate(byteCount: inputByteCount, alignment: 64)
        try wire.setBlocking(false)
    }

    deinit {
        output.deallocate()
        input.deallocate()
        pending.deallocate()
        wire.close()
    }

    var outstandingCount: Int { issuedCount - answeredCount }
    var hasRoom: Bool { outstandingCount <= pendingMask }

    /// Puts `count` requests into the output; there must be room for them. `flush` sends them.
    mutating func issue(_ count: Int, from source: inout RequestSource, due: Int64) {
        precondition(outstandingCount + count <= pendingMask + 1, "more requests than there is room for")
        if outputEnd + count * source.requestByteCountMax > outputByteCount { moveOutputToFront() }
        for _ in 0..<count {
            let request = source.writeNext(xid: Self.xid(issuedCount), to: output + outputEnd)
            outputEnd += request.byteCount
            pending[issuedCount & pendingMask] = PendingRequest(
                dueNanoseconds: due, operation: request.operation)
            issuedCount += 1
        }
    }

    /// Sends what the socket takes; true when nothing is left.
    mutating func flush() throws(LoadFailure) -> Bool {
        while outputStart < outputEnd {
            let sent = wire.send(output + outputStart, outputEnd - outputStart)
            if sent == -Int64(EAGAIN) { return false }
            guard sent >= 0 else { throw LoadFailure("send", code: sent) }
            outputStart += Int(sent)
        }
        outputStart = 0
        outputEnd = 0
        return true
    }

    /// Receives and checks every whole reply: its order, its error number, its length. Returns how many
    /// there were; latencies of requests due at or after `recordedFrom` go to `latencies`.
    mutating func receive(
        checking expected: ReplyCheck, latencies: inout LatencyHistogram, recordedFrom: Int64
    ) throws(LoadFailure) -> Int {
        var count = 0
        var mayHideMore = false
        repeat {
            let room = inputByteCount - inputEnd
            let received = wire.receive(input + inputEnd, room)
            if received == -Int64(EAGAIN) { break }
            guard received != 0 else { throw LoadFailure("the server closed a connection under load") }
            guard received > 0 else { throw LoadFailure("receive", code: received) }
            inputEnd += Int(received)
            mayHideMore = wire.hidesBytes && Int(received) == room
            count += try takeReplies(checking: expected, latencies: &latencies, recordedFrom: recordedFrom)
        } while mayHideMore
        return count
    }

    /// Checks the whole replies that are in the input, and returns how many there were.
    private mutating func takeReplies(
        checking expected: ReplyCheck, latencies: inout LatencyHistogram, recordedFrom: Int64
    ) throws(LoadFailure) -> Int {
        let now = monotonicNanoseconds()
        var offset = 0
        var count = 0
        while inputEnd - offset >= 4 {
            let byteCount = Int(bigEndian32(input + offset))
            guard byteCount >= 16, byteCount <= inputByteCount - 4 else {
                throw LoadFailure("a reply of \(byteCount) bytes")
            }
            guard inputEnd - offset - 4 >= byteCount else { break }
            guard count < outstandingCount else { throw LoadFailure("a reply that nothing asked for") }
            let request = pending[(answeredCount + count) & pendingMask]
            try expected.check(
                UnsafeRawBufferPointer(start: input + offset + 4, count: byteCount),
                xid: Self.xid(answeredCount + count), operation: request.operation)
            if request.dueNanoseconds >= recordedFrom {
                latencies.record(nanoseconds: now - request.dueNanoseconds)
            }
            offset += 4 + byteCount
            count += 1
        }
        inputEnd -= offset
        if offset > 0 && inputEnd > 0 { memmove(input, input + offset, inputEnd) }
        answeredCount += count
        return count
    }

    /// Counts what was never answered as having waited until `now`: leaving it out would flatter.
    func recordUnanswered(in latencies: inout LatencyHistogram, at now: Int64) {
        for index in answeredCount..<issuedCount {
            latencies.record(nanoseconds: now - pending[index & pendingMask].dueNanoseconds)
        }
    }

    /// Ends the session and waits for the answer. Nothing may be outstanding.
    mutating func close() throws(LoadFailure) {
        try wire.setBlocking(true)
        try Session.close(wire, xid: Self.xid(issuedCount))
    }

    private mutating func moveOutputToFront() {
        memmove(output, output + outputStart, outputEnd - outputStart)
        outputEnd -= outputStart
        outputStart = 0
    }

    /// The xid of the request with this index: 1, 2 ... and around before it gets negative.
    @inline(__always)
    private static func xid(_ index: Int) -> Int32 {
        Int32(truncatingIfNeeded: index % Int(Int32.max)) + 1
    }
}

@inline(__always)
func bigEndian32(_ bytes: UnsafeRawPointer) -> Int32 {
    Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))
}
