import ByteCoding
import Compression
import Identifiers
import Metadata

/// What a batch is for.
package enum BatchKind: UInt8, Sendable {
    /// Records.
    case data = 1
    /// No records; says after a quiet moment that all batches before it are durable.
    case idlePromise = 2
    /// The sparse index of a sealed segment; its last batch.
    case footer = 3
    /// No records; the log was stopped in good order behind it.
    case cleanStop = 4
}

/// The first 128 bytes of a batch.
package struct BatchHeader: Equatable, Sendable {
    package var kind: BatchKind
    package var codec: Codec
    package var segment: UInt64
    package var byteOffset: Int
    package var ordinal: UInt64
    /// The first and last record; both the last zxid before the batch if it has no records.
    package var firstZxid: Zxid
    package var lastZxid: Zxid
    package var recordCount: UInt32
    package var rawByteCount: UInt32
    package var storedByteCount: UInt32
    /// Wall clock when the batch was written, milliseconds since 1970; never less than the one before.
    package var time: Int64
    /// The promise: all batches with lower ordinals were durable when this one was submitted.
    package var durableEnd: UInt64
    /// What the writer knew to be committed; a bound for readers, no promise of this disk's.
    package var committedZxid: Zxid
    /// The chain value before this batch.
    package var previousChain: UInt32
    package var payloadChecksum: UInt32
    /// Over the 124 bytes before it, seeded by place; set by `encode`.
    package var headerChecksum: UInt32 = 0

    /// Bytes the whole batch takes in the file.
    package var batchByteCount: Int { Self.batchByteCount(forStored: Int(storedByteCount)) }

    /// The chain value after this batch.
    package var chain: UInt32 { CRC32C.of(littleEndian: UInt64(headerChecksum), continuing: previousChain) }

    /// The place behind this batch.
    package var end: LogPosition {
        LogPosition(
            segment: segment, byteOffset: UInt64(byteOffset + batchByteCount), ordinal: ordinal + 1,
            lastZxid: lastZxid, chain: chain)
    }

    static func batchByteCount(forStored byteCount: Int) -> Int {
        LogFormat.roundUpToBlock(
            LogFormat.batchHeaderByteCount + byteCount + LogFormat.batchTrailerByteCount)
    }

    /// The most bytes that a batch of a payload takes. A payload with a zero block is compressed even if
    /// that makes it longer, by one byte in 255 and a few.
    static func batchByteCountMax(forPayload byteCount: Int) -> Int {
        batchByteCount(forStored: Codec.lz4.compressedByteCountMax(for: byteCount))
    }

    /// The longest payload whose batch is sure to fit into so many bytes.
    static func payloadByteCountMax(inBatchOf byteCount: Int) -> Int {
        let stored = byteCount - LogFormat.batchHeaderByteCount - LogFormat.batchTrailerByteCount
        return (stored - 16) / 256 * 255
    }

    mutating func encode(seed: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogFormat.batchHeaderByteCount)
        bytes.append(littleEndian: LogFormat.batchMagic)
        bytes.append(kind.rawValue)
        bytes.append(codec.rawValue)
        bytes.append(littleEndian: UInt16(0))  // flags, none defined
        bytes.append(littleEndian: segment)
        bytes.append(littleEndian: UInt64(byteOffset))
        bytes.append(littleEndian: ordinal)
        bytes.append(littleEndian: firstZxid.rawValue)
        bytes.append(littleEndian: lastZxid.rawValue)
        bytes.append(littleEndian: recordCount)
        bytes.append(littleEndian: rawByteCount)
        bytes.append(littleEndian: storedByteCount)
        bytes.append(littleEndian: previousChain)
        bytes.append(littleEndian: time)
        bytes.append(littleEndian: durableEnd)
        bytes.append(littleEndian: committedZxid.rawValue)
        bytes.append(littleEndian: payloadChecksum)
        bytes.append(contentsOf: repeatElement(0, count: LogFormat.batchHeaderByteCount - 4 - bytes.count))
        headerChecksum = CRC32C.of(bytes.span.bytes, continuing: seed)
        bytes.append(littleEndian: headerChecksum)
        return bytes
    }

    /// Reads the header at the start of `bytes`; nil if these are not the bytes of one written there.
    init?(decoding bytes: RawSpan, seed: UInt32) {
        guard bytes.byteCount >= LogFormat.batchHeaderByteCount else { return nil }
        let checked = bytes.extracting(first: LogFormat.batchHeaderByteCount - 4)
        var reader = ByteReader(bytes)
        do {
            guard try reader.littleEndian(UInt32.self) == LogFormat.batchMagic,
                let kind = BatchKind(rawValue: try reader.littleEndian()),
                let codec = Codec(rawValue: try reader.littleEndian()),
                try reader.littleEndian(UInt16.self) == 0
            else { return nil }
            self.kind = kind
            self.codec = codec
            segment = try reader.littleEndian()
            guard let offset = Int(exactly: try reader.littleEndian(UInt64.self)) else { return nil }
            byteOffset = offset
            ordinal = try reader.littleEndian()
            firstZxid = Zxid(rawValue: try reader.littleEndian())
            lastZxid = Zxid(rawValue: try reader.littleEndian())
            recordCount = try reader.littleEndian()
            rawByteCount = try reader.littleEndian()
            storedByteCount = try reader.littleEndian()
            previousChain = try reader.littleEndian()
            time = try reader.littleEndian()
            durableEnd = try reader.littleEndian()
            committedZxid = Zxid(rawValue: try reader.littleEndian())
            payloadChecksum = try reader.littleEndian()
            var tail = ByteReader(
                bytes.extracting(LogFormat.batchHeaderByteCount - 4..<LogFormat.batchHeaderByteCount))
            headerChecksum = try tail.littleEndian()
        } catch {
            return nil
        }
        guard headerChecksum == CRC32C.of(checked, continuing: seed),
            lastZxid.epoch.isPlausible,
            Int(rawByteCount) <= LogFormat.payloadByteCountMax,
            Int(storedByteCount) <= LogFormat.payloadByteCountMax,
            Int(rawByteCount) <= codec.expansionMax(of: Int(storedByteCount))
        else { return nil }
    }

    init(
        kind: BatchKind, codec: Codec, segment: UInt64, byteOffset: Int, ordinal: UInt64, firstZxid: Zxid,
        lastZxid: Zxid, recordCount: UInt32, rawByteCount: UInt32, storedByteCount: UInt32, time: Int64,
        durableEnd: UInt64, committedZxid: Zxid, previousChain: UInt32, payloadChecksum: UInt32
    ) {
        self.kind = kind
        self.codec = codec
        self.segment = segment
        self.byteOffset = byteOffset
        self.ordinal = ordinal
        self.firstZxid = firstZxid
        self.lastZxid = lastZxid
        self.recordCount = recordCount
        self.rawByteCount = rawByteCount
        self.storedByteCount = storedByteCount
        self.time = time
        self.durableEnd = durableEnd
        self.committedZxid = committedZxid
        self.previousChain = previousChain
        self.payloadChecksum = payloadChecksum
    }
}
