import NIOCore

/// The one buffer into which the sockets of a loop are read, one after the other.
///
/// A channel of its own accord keeps the buffer of its last read: 2 KiB for each idle session, up to 64 KiB
/// for one that was busy once. Here a channel borrows the buffer for a read, and whoever took the bytes gives
/// it back. A buffer that does not come back is replaced at the next read.
final class ReceiveBuffer: @unchecked Sendable {
    /// As much as one socket is read in a turn.
    static let byteCount = 64 << 10

    // Touched on the loop only.
    private var spare: ByteBuffer?

    fileprivate func borrow(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = spare.take() else { return allocator.buffer(capacity: Self.byteCount) }
        buffer.clear()
        return buffer
    }

    /// Takes the buffer back, if it is such a one. The caller must not keep it.
    func giveBack(_ buffer: consuming ByteBuffer) {
        if spare == nil, buffer.capacity == Self.byteCount { spare = buffer }
    }
}

/// Lends a channel the loop's buffer. For channels that read once a turn (`maxMessagesPerRead` 1).
struct SharedReceiveBufferAllocator: RecvByteBufferAllocator {
    /// The first buffer stays with the channel whatever is done; a connect request fits in.
    private static let firstByteCount = 64

    private let shared: ReceiveBuffer
    private var hasBegun = false

    init(_ shared: ReceiveBuffer) { self.shared = shared }

    /// Nil keeps the channel from using a buffer of an earlier read again.
    func nextBufferSize() -> Int? { nil }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasBegun ? shared.borrow(allocator) : allocator.buffer(capacity: Self.firstByteCount)
    }

    /// True, whatever was read: the next read wants another buffer than the one that the channel keeps.
    mutating func record(actualReadBytes: Int) -> Bool {
        hasBegun = true
        return true
    }
}
