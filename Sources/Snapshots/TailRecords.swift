import ByteCoding

/// Why bytes are not the records of a tail.
package enum TailDefect: Error, Equatable, Sendable {
    /// A record is cut short, `offset` bytes from where the reader began.
    case truncated(offset: Int)
    case checksumMismatch(offset: Int, stored: UInt32, computed: UInt32)
}

/// Reads the records of a tail block, front to back.
///
/// Each stands as length (4 bytes), CRC-32C of its bytes (4), bytes. The block's own checksum protects
/// them in the file; this one goes with a record from the moment it is framed until it is replayed.
package struct TailReader: ~Escapable {
    /// What stands before each record.
    package static var frameByteCount: Int { 8 }

    private var reader: ByteReader

    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { reader = ByteReader(bytes) }

    /// The next record, not copied; nil at the end.
    @_lifetime(copy self)
    package mutating func next() throws(TailDefect) -> RawSpan? {
        guard reader.remainingByteCount > 0 else { return nil }
        let offset = reader.offset
        let stored: UInt32
        let record: RawSpan
        do throws(ByteReader.Truncated) {
            let byteCount: UInt32 = try reader.littleEndian()
            stored = try reader.littleEndian()
            record = try reader.slice(byteCount: Int(byteCount))
        } catch {
            throw .truncated(offset: offset)
        }
        let computed = CRC32C.of(record)
        guard stored == computed else {
            throw .checksumMismatch(offset: offset, stored: stored, computed: computed)
        }
        return record
    }

    /// Appends a record as a tail block holds it.
    package static func encode(record: RawSpan, into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(record.byteCount))
        bytes.append(littleEndian: CRC32C.of(record))
        bytes.append(record)
    }
}

extension TailDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let offset): "the tail record at byte \(offset) is cut short"
        case .checksumMismatch(let offset, let stored, let computed):
            "the tail record at byte \(offset): checksum 0x\(String(stored, radix: 16)) stored, "
                + "0x\(String(computed, radix: 16)) computed"
        }
    }
}
