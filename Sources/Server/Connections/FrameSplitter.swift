/// Cuts a byte stream into frames: a length (int32, big-endian), then that many bytes.
///
/// Whole frames are handed over where they lie; only a frame that arrives in pieces is gathered.
struct FrameSplitter {
    static let lengthByteCount = 4

    /// A length outside the limits; the stream makes no sense from here on.
    struct BadLength: Error, Equatable {
        let declared: Int32
        let limit: Int
    }

    let frameByteCountMax: Int
    /// Of the next frame: the first of a connection may be limited more narrowly.
    private var byteCountMax: Int
    /// The beginning of a frame whose rest has not arrived, its length included. When stopped: all that was
    /// not taken, from the beginning of a frame.
    private var partial: [UInt8] = []
    /// A frame was not taken; nothing is until `resume`.
    private(set) var isStopped = false

    init(frameByteCountMax: Int, firstFrameByteCountMax: Int = .max) {
        self.frameByteCountMax = frameByteCountMax
        byteCountMax = min(frameByteCountMax, firstFrameByteCountMax)
    }

    /// Bytes that are kept: of a frame that is not whole, or of all that was not taken.
    var keptByteCount: Int { partial.count }

    /// What the frame says of its length whose beginning is kept; nil if that is not there yet.
    var declaredByteCount: Int? {
        guard partial.count >= Self.lengthByteCount else { return nil }
        return Int(partial.withUnsafeBytes { $0.loadUnaligned(as: Int32.self).bigEndian })
    }

    /// Calls `body` with each frame that `bytes` complete, in order, without its length.
    ///
    /// `body` returns false for a frame that it does not take now: that frame and all behind it are kept
    /// for `resume`.
    mutating func split(_ bytes: RawSpan, _ body: (RawSpan) -> Bool) throws(BadLength) {
        var offset = 0
        if !partial.isEmpty {
            guard try complete(with: bytes, &offset) else { return }
            let frame = partial
            partial = []
            guard body(frame.span.bytes.extracting(Self.lengthByteCount..<frame.count)) else {
                partial = frame
                stop(before: bytes.extracting(offset..<bytes.byteCount))
                return
            }
            byteCountMax = frameByteCountMax
        }
        while bytes.byteCount - offset >= Self.lengthByteCount {
            let byteCount = try checked(
                bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self).bigEndian)
            let start = offset + Self.lengthByteCount
            guard bytes.byteCount - start >= byteCount else { break }
            guard body(bytes.extracting(start..<start + byteCount)) else {
                stop(before: bytes.extracting(offset..<bytes.byteCount))
                return
            }
            offset = start + byteCount
            byteCountMax = frameByteCountMax
        }
        if offset < bytes.byteCount { keep(bytes.extracting(offset..<bytes.byteCount)) }
    }

    /// Keeps `bytes` behind what is kept already; no frame is taken until `resume`.
    mutating func stop(before bytes: RawSpan) {
        isStopped = true
        keep(bytes)
    }

    /// Goes on with what was kept, as `split` does.
    mutating func resume(_ body: (RawSpan) -> Bool) throws(BadLength) {
        isStopped = false
        let kept = partial
        partial = []
        try split(kept.span.bytes, body)
    }

    /// Calls `body` with the frames that `split` will find whole in `bytes`, if there are several; takes none.
    func preview(_ bytes: RawSpan, _ body: (RawSpan) -> Void) {
        guard partial.isEmpty else { return }
        var offset = 0
        while bytes.byteCount - offset >= Self.lengthByteCount {
            let declared = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self).bigEndian
            let start = offset + Self.lengthByteCount
            guard declared >= 0, bytes.byteCount - start >= Int(declared) else { return }
            let end = start + Int(declared)
            if offset == 0, end == bytes.byteCount { return }
            body(bytes.extracting(start..<end))
            offset = end
        }
    }

    /// Adds to the partial frame what it lacks; false if more is needed than there is.
    private mutating func complete(with bytes: RawSpan, _ offset: inout Int) throws(BadLength) -> Bool {
        if partial.count < Self.lengthByteCount {
            let taken = min(Self.lengthByteCount - partial.count, bytes.byteCount)
            keep(bytes.extracting(0..<taken))
            offset = taken
            guard partial.count == Self.lengthByteCount else { return false }
        }
        let declared = partial.withUnsafeBytes { $0.loadUnaligned(as: Int32.self).bigEndian }
        let missing = Self.lengthByteCount + (try checked(declared)) - partial.count
        let taken = min(missing, bytes.byteCount - offset)
        keep(bytes.extracting(offset..<offset + taken))
        offset += taken
        return taken == missing
    }

    private mutating func keep(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { partial.append(contentsOf: $0) }
    }

    private func checked(_ declared: Int32) throws(BadLength) -> Int {
        guard declared >= 0, Int(declared) <= byteCountMax else {
            throw BadLength(declared: declared, limit: byteCountMax)
        }
        return Int(declared)
    }
}
