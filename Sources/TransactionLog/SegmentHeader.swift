import ByteCoding
import Identifiers
import Metadata

/// What a segment says of itself in its first two blocks, identically.
package struct SegmentHeader: Equatable, Sendable {
    package var storeID: UInt128
    package var sequence: UInt64
    /// Random; every checksum in the segment is seeded with it, so bytes of other files never parse.
    package var nonce: UInt128
    package var epoch: Epoch
    /// Size of the file while it is written, in bytes.
    package var capacity: UInt64
    /// Wall clock, milliseconds since 1970.
    package var creationTime: Int64
    /// Where the segment before this one ends. Bytes beyond that end in that file are not log.
    package var predecessor: LogPosition

    /// Where the first batch of this segment goes.
    package var firstPosition: LogPosition {
        LogPosition(
            segment: sequence, byteOffset: UInt64(LogFormat.headerByteCount), ordinal: predecessor.ordinal,
            lastZxid: predecessor.lastZxid, chain: predecessor.chain)
    }

    /// The seed of every checksum at a byte offset of this segment.
    func seed(atByteOffset offset: Int) -> UInt32 {
        var crc = CRC32C.of(littleEndian: UInt64(truncatingIfNeeded: nonce))
        crc = CRC32C.of(littleEndian: UInt64(truncatingIfNeeded: nonce >> 64), continuing: crc)
        crc = CRC32C.of(littleEndian: sequence, continuing: crc)
        return CRC32C.of(littleEndian: UInt64(offset), continuing: crc)
    }

    /// Both blocks, ready to be written at offset 0.
    func encode() -> [UInt8] {
        var block: [UInt8] = []
        block.reserveCapacity(LogFormat.headerByteCount)
        block.append(littleEndian: LogFormat.segmentMagic)
        block.append(littleEndian: LogFormat.majorVersion)
        block.append(littleEndian: LogFormat.minorVersion)
        block.append(littleEndian: UInt32(0))  // compatible features
        block.append(littleEndian: UInt32(0))  // features that allow reading only
        block.append(littleEndian: UInt32(0))  // features that forbid reading
        block.append(littleEndian: storeID)
        block.append(littleEndian: sequence)
        block.append(littleEndian: nonce)
        block.append(littleEndian: epoch.rawValue)
        block.append(littleEndian: UInt32(LogFormat.blockByteCount))
        block.append(littleEndian: capacity)
        block.append(littleEndian: creationTime)
        predecessor.encode(into: &block)
        block.append(contentsOf: repeatElement(0, count: LogFormat.blockByteCount - 4 - block.count))
        block.append(littleEndian: CRC32C.of(block.span.bytes))
        return block + block
    }

    /// Reads one copy, from one block.
    init(decoding block: RawSpan) throws(HeaderDefect) {
        do {
            var tail = ByteReader(block.extracting(last: 4))
            var reader = ByteReader(block)
            guard block.byteCount == LogFormat.blockByteCount,
                try tail.littleEndian(UInt32.self) == CRC32C.of(block.extracting(droppingLast: 4)),
                try reader.littleEndian(UInt64.self) == LogFormat.segmentMagic
            else { throw HeaderDefect.damaged }
            let version: UInt16 = try reader.littleEndian()
            _ = try reader.slice(byteCount: 10)
            let features: UInt32 = try reader.littleEndian()
            guard version == LogFormat.majorVersion, features & ~LogFormat.knownIncompatibleFeatures == 0
            else { throw HeaderDefect.incompatible(features: features) }
            storeID = try reader.littleEndian()
            sequence = try reader.littleEndian()
            nonce = try reader.littleEndian()
            epoch = Epoch(rawValue: try reader.littleEndian())
            guard try reader.littleEndian(UInt32.self) == LogFormat.blockByteCount else {
                throw HeaderDefect.damaged
            }
            capacity = try reader.littleEndian()
            creationTime = try reader.littleEndian()
            predecessor = try LogPosition(from: &reader)
            guard max(sequence, capacity) <= LogPosition.numberMax, predecessor.isPlausible else {
                throw HeaderDefect.damaged
            }
        } catch let defect as HeaderDefect {
            throw defect
        } catch {
            throw .damaged
        }
    }

    init(
        storeID: UInt128, sequence: UInt64, nonce: UInt128, epoch: Epoch, capacity: UInt64,
        creationTime: Int64, predecessor: LogPosition
    ) {
        self.storeID = storeID
        self.sequence = sequence
        self.nonce = nonce
        self.epoch = epoch
        self.capacity = capacity
        self.creationTime = creationTime
        self.predecessor = predecessor
    }
}

/// Why a block is not a segment header.
enum HeaderDefect: Error, Equatable {
    case damaged
    case incompatible(features: UInt32)
}
