import ByteCoding
import Compression

/// Makes frames: header and stored bytes in one buffer that is used again and again.
struct BlockEncoder: Sendable {
    private let codec: Codec
    private let nonce: UInt128
    /// The frame made last stands at its beginning.
    private(set) var frame: [UInt8]

    init(codec: Codec, nonce: UInt128) {
        self.codec = codec
        self.nonce = nonce
        frame = [UInt8](repeating: 0, count: Self.frameByteCount(SnapshotFormat.blockByteCountTarget))
    }

    /// Encodes `raw`, compressed if that saves at least an eighth, and returns the sealed header.
    mutating func encode(
        _ raw: borrowing [UInt8], kind: FrameKind, recordCount: Int, sequence: UInt32
    ) -> BlockHeader {
        let needed = Self.frameByteCount(max(raw.count, SnapshotFormat.blockByteCountTarget))
        if frame.count != needed { frame = [UInt8](repeating: 0, count: needed) }
        var header = BlockHeader(
            kind: kind, codec: .none, sequence: sequence, rawByteCount: raw.count,
            storedByteCount: raw.count, recordCount: recordCount)
        // The index and the footer are read before anything else is trusted: never compressed.
        if case .block = kind, let count = compress(raw) {
            header.codec = codec
            header.storedByteCount = count
        } else {
            let source = raw.span.bytes
            source.withUnsafeBytes { source in
                frame.withUnsafeMutableBytes {
                    UnsafeMutableRawBufferPointer(rebasing: $0[SnapshotFormat.blockHeaderByteCount...])
                        .copyMemory(from: source)
                }
            }
        }
        header.checksum = header.seal(&frame, nonce: nonce)
        return header
    }

    /// Compresses behind the header's place; nil if it does not pay.
    private mutating func compress(_ raw: borrowing [UInt8]) -> Int? {
        guard codec != .none else { return nil }
        let limit = raw.count - raw.count / 8
        let codec = codec
        let source = raw.span.bytes
        return source.withUnsafeBytes { source in
            frame.withUnsafeMutableBytes { frame in
                let start = SnapshotFormat.blockHeaderByteCount
                return codec.compress(
                    source, into: UnsafeMutableRawBufferPointer(rebasing: frame[start..<start + limit]))
            }
        }
    }

    private static func frameByteCount(_ storedByteCount: Int) -> Int {
        SnapshotFormat.blockHeaderByteCount + storedByteCount
    }
}
