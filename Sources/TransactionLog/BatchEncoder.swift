import ByteCoding
import Compression
import Disk
import Identifiers
import Metadata

/// What stands between a batch's header and trailer, before compression.
struct BatchPayload {
    let bytes: [UInt8]
    /// CRC-32C of the bytes. It becomes that of the place where they are stored without reading them again.
    let checksum: UInt32

    init(_ bytes: [UInt8]) {
        self.init(bytes: bytes, checksum: CRC32C.of(bytes.span.bytes))
    }

    /// - Parameter checksum: of the bytes.
    init(bytes: [UInt8], checksum: UInt32) {
        self.bytes = bytes
        self.checksum = checksum
    }
}

/// Turns records into the bytes of one batch, in memory that suits direct I/O.
struct BatchEncoder {
    /// Grows to the largest batch; logs that are opened to be looked at write none.
    private var buffer = AlignedBuffer(byteCount: 32 * 1024)
    /// After payloads that did not shrink, this many batches are stored without trying.
    private var skippedCompressions = 0
    private var failedCompressions = 0

    init() {}

    /// What is the same for all payloads of a batch.
    struct Frame {
        var kind: BatchKind
        var position: LogPosition
        var firstZxid: Zxid
        var lastZxid: Zxid
        var recordCount: Int
        var time: Int64
        var durableEnd: UInt64
        var committedZxid: Zxid
    }

    /// Encodes a batch; its bytes are in `image(of:)` until the next call.
    mutating func encode(_ frame: Frame, payload: BatchPayload, in segment: SegmentHeader) -> BatchHeader {
        let rawByteCount = payload.bytes.count
        reserve(BatchHeader.batchByteCount(forStored: Codec.lz4.compressedByteCountMax(for: rawByteCount)))
        let seed = segment.seed(atByteOffset: Int(frame.position.byteOffset))
        let (codec, storedByteCount, checksum) = place(payload, seed: seed)
        var header = BatchHeader(
            kind: frame.kind, codec: codec, segment: frame.position.segment,
            byteOffset: Int(frame.position.byteOffset), ordinal: frame.position.ordinal,
            firstZxid: frame.firstZxid, lastZxid: frame.lastZxid, recordCount: UInt32(frame.recordCount),
            rawByteCount: UInt32(rawByteCount), storedByteCount: UInt32(storedByteCount), time: frame.time,
            durableEnd: frame.durableEnd, committedZxid: frame.committedZxid,
            previousChain: frame.position.chain, payloadChecksum: checksum)
        finish(&header, seed: seed)
        return header
    }

    /// The bytes of the batch that was encoded last, whole blocks.
    func image(of header: BatchHeader) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: buffer.bytes[0..<header.batchByteCount])
    }

    /// Stores the payload behind the header, compressed if that saves an eighth and a block; returns the
    /// checksum of what is stored.
    ///
    /// No written block may be all zero, since that is how a block looks that never reached the disk.
    /// So a payload with such a block is always compressed, which leaves no long run of zeroes.
    private mutating func place(_ payload: BatchPayload, seed: UInt32) -> (Codec, Int, UInt32) {
        payload.bytes.withUnsafeBytes { raw in
            let count = compressedIfItPays(raw) ?? (hasZeroBlock(raw) ? compressed(raw) : nil)
            guard let count else {
                room.copyMemory(from: raw)
                return (.none, raw.count, CRC32C.joined(seed, payload.checksum, byteCount: raw.count))
            }
            return (
                .lz4, count, CRC32C.of(UnsafeRawBufferPointer(rebasing: room[0..<count]), continuing: seed)
            )
        }
    }

    /// Where the payload is stored.
    private var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[LogFormat.batchHeaderByteCount...])
    }

    private mutating func compressedIfItPays(_ raw: UnsafeRawBufferPointer) -> Int? {
        guard LogFormat.compressionByteCounts.contains(raw.count), shouldTryCompression() else { return nil }
        let limit = raw.count - raw.count / 8
        if let count = Codec.lz4.compress(
            raw, into: UnsafeMutableRawBufferPointer(rebasing: room[0..<limit])),
            BatchHeader.batchByteCount(forStored: count) < BatchHeader.batchByteCount(forStored: raw.count)
        {
            failedCompressions = 0
            return count
        }
        failedCompressions += 1
        if failedCompressions >= 8 { skippedCompressions = 64 }
        return nil
    }

    private func compressed(_ raw: UnsafeRawBufferPointer) -> Int {
        guard let count = Codec.lz4.compress(raw, into: room) else {
            preconditionFailure("the buffer has room for the worst case")
        }
        return count
    }

    private mutating func shouldTryCompression() -> Bool {
        guard skippedCompressions > 0 else { return true }
        skippedCompressions -= 1
        return false
    }

    /// Whether a whole block of the batch would be zero if this payload were stored as it is. The first
    /// block begins with the header and the last one ends with the trailer, so only those between can be;
    /// what follows the payload there is padding.
    private func hasZeroBlock(_ raw: UnsafeRawBufferPointer) -> Bool {
        let blockByteCount = LogFormat.blockByteCount
        let end = BatchHeader.batchByteCount(forStored: raw.count) - blockByteCount
        var start = blockByteCount - LogFormat.batchHeaderByteCount
        while start + LogFormat.batchHeaderByteCount < end {
            let block = UnsafeRawBufferPointer(rebasing: raw[start..<min(raw.count, start + blockByteCount)])
            if isZero(block) { return true }
            start += blockByteCount
        }
        return false
    }

    /// Zeroes the padding and writes header and trailer.
    private func finish(_ header: inout BatchHeader, seed: UInt32) {
        let bytes = buffer.bytes
        let stored = LogFormat.batchHeaderByteCount + Int(header.storedByteCount)
        let trailer = header.batchByteCount - LogFormat.batchTrailerByteCount
        UnsafeMutableRawBufferPointer(rebasing: bytes[stored..<trailer]).initializeMemory(
            as: UInt8.self, repeating: 0)
        header.encode(seed: seed).withUnsafeBytes { bytes.copyMemory(from: $0) }
        bytes.storeBytes(of: header.ordinal.littleEndian, toByteOffset: trailer, as: UInt64.self)
        bytes.storeBytes(of: header.payloadChecksum.littleEndian, toByteOffset: trailer + 8, as: UInt32.self)
        bytes.storeBytes(of: LogFormat.batchMagic.littleEndian, toByteOffset: trailer + 12, as: UInt32.self)
    }

    private mutating func reserve(_ byteCount: Int) {
        guard buffer.byteCount < byteCount else { return }
        buffer = AlignedBuffer(byteCount: max(byteCount, 2 * buffer.byteCount))
    }
}

/// Whether every byte is zero.
func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset + 8 <= bytes.count {
        if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
        offset += 8
    }
    return bytes[offset...].allSatisfy { $0 == 0 }
}
