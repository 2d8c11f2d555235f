import ByteCoding
import Identifiers

/// A boundary between two batches: everything before it is in the log, the next batch begins at it.
package struct LogPosition: Equatable, Sendable {
    /// The sequence number of the segment; 0 before the first segment.
    package var segment: UInt64
    /// Where the next batch would begin in that segment, in bytes.
    package var byteOffset: UInt64
    /// The ordinal of the next batch, which is also how many batches were ever written before it.
    package var ordinal: UInt64
    /// The zxid of the last record before the boundary.
    package var lastZxid: Zxid
    /// The chained checksum of all batch headers before the boundary.
    package var chain: UInt32

    package init(segment: UInt64, byteOffset: UInt64, ordinal: UInt64, lastZxid: Zxid, chain: UInt32) {
        self.segment = segment
        self.byteOffset = byteOffset
        self.ordinal = ordinal
        self.lastZxid = lastZxid
        self.chain = chain
    }

    /// Before the first batch of a new store.
    package static let start = LogPosition(
        segment: 0, byteOffset: 0, ordinal: 0, lastZxid: .zero, chain: 0)

    /// No store ever counts so far; a reader that refuses more may add to what it read.
    package static let numberMax: UInt64 = 1 << 62

    /// Whether every number is one that can be counted to.
    package var isPlausible: Bool {
        max(segment, byteOffset, ordinal) <= Self.numberMax && lastZxid.epoch.isPlausible
    }

    /// Bytes an encoded position takes.
    package static let encodedByteCount = 36

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: segment)
        bytes.append(littleEndian: byteOffset)
        bytes.append(littleEndian: ordinal)
        bytes.append(littleEndian: lastZxid.rawValue)
        bytes.append(littleEndian: chain)
    }

    package init(from reader: inout ByteReader) throws(ByteReader.Truncated) {
        segment = try reader.littleEndian()
        byteOffset = try reader.littleEndian()
        ordinal = try reader.littleEndian()
        lastZxid = Zxid(rawValue: try reader.littleEndian())
        chain = try reader.littleEndian()
    }
}

extension LogPosition: CustomStringConvertible {
    package var description: String {
        "segment \(segment), offset \(byteOffset), batch \(ordinal), zxid \(lastZxid)"
    }
}
