import ByteCoding
import Compression

/// What stands before the stored bytes of every frame.
struct BlockHeader: Equatable {
    var kind: FrameKind
    var codec: Codec
    /// Frames count from 0 in the order of the file.
    var sequence: UInt32
    var rawByteCount: Int
    var storedByteCount: Int
    var recordCount: Int
    /// CRC-32C of nonce, number, the rest of this header, and the stored bytes.
    var checksum: UInt32 = 0

    /// The frame's length with this header.
    var frameByteCount: Int { SnapshotFormat.blockHeaderByteCount + storedByteCount }

    /// Writes the header, checksum included, before stored bytes that already stand behind its place.
    func seal(_ frame: inout [UInt8], nonce: UInt128) -> UInt32 {
        frame[4] = kind.rawValue
        frame[5] = codec.rawValue
        frame.replace(littleEndian: UInt16(0), at: 6)
        frame.replace(littleEndian: sequence, at: 8)
        frame.replace(littleEndian: UInt32(rawByteCount), at: 12)
        frame.replace(littleEndian: UInt32(storedByteCount), at: 16)
        frame.replace(littleEndian: UInt32(recordCount), at: 20)
        let checksum = computeChecksum(frame, nonce: nonce)
        frame.replace(littleEndian: checksum, at: 0)
        return checksum
    }

    private func computeChecksum(_ frame: borrowing [UInt8], nonce: UInt128) -> UInt32 {
        CRC32C.of(
            frame.span.bytes.extracting(4..<frameByteCount),
            continuing: Self.seed(nonce: nonce, sequence: sequence))
    }

    /// Reads the header at the start of `frame` and checks the whole frame against its checksum.
    ///
    /// `frame` is exactly the frame as its reader expects it; nothing beyond it is looked at.
    init(checking frame: RawSpan, nonce: UInt128, sequence expected: UInt32) throws(SnapshotDefect) {
        var reader = SnapshotFieldReader(frame)
        checksum = try reader.next()
        let covered = frame.extracting(droppingFirst: 4)
        let computed = CRC32C.of(covered, continuing: Self.seed(nonce: nonce, sequence: expected))
        guard checksum == computed else {
            throw .checksumMismatch(stored: checksum, computed: computed)
        }
        let kindValue: UInt8 = try reader.next()
        let codecValue: UInt8 = try reader.next()
        try reader.zeroes(2)
        sequence = try reader.next()
        rawByteCount = Int(try reader.next(UInt32.self))
        storedByteCount = Int(try reader.next(UInt32.self))
        recordCount = Int(try reader.next(UInt32.self))
        guard let kind = FrameKind(rawValue: kindValue) else { throw .unknownKind(kindValue) }
        guard let codec = Codec(rawValue: codecValue) else { throw .unknownCodec(codecValue) }
        self.kind = kind
        self.codec = codec
        guard sequence == expected else {
            throw .disagreement(.blockSequence, stated: UInt64(sequence), found: UInt64(expected))
        }
        guard frameByteCount == frame.byteCount else {
            throw .disagreement(
                .storedByteCount, stated: UInt64(storedByteCount),
                found: UInt64(max(0, frame.byteCount - SnapshotFormat.blockHeaderByteCount)))
        }
    }

    init(
        kind: FrameKind, codec: Codec, sequence: UInt32, rawByteCount: Int, storedByteCount: Int,
        recordCount: Int
    ) {
        self.kind = kind
        self.codec = codec
        self.sequence = sequence
        self.rawByteCount = rawByteCount
        self.storedByteCount = storedByteCount
        self.recordCount = recordCount
    }

    /// The checksum's beginning, which ties a frame to its file and its place in it.
    private static func seed(nonce: UInt128, sequence: UInt32) -> UInt32 {
        CRC32C.of(littleEndian: UInt64(sequence), continuing: CRC32C.of(nonce: nonce))
    }
}

extension CRC32C {
    static func of(nonce: UInt128) -> UInt32 {
        of(
            littleEndian: UInt64(truncatingIfNeeded: nonce >> 64),
            continuing: of(littleEndian: UInt64(truncatingIfNeeded: nonce)))
    }
}
