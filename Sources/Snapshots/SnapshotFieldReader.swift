import ByteCoding

/// Reads the fields of a part, with the errors of this format.
struct SnapshotFieldReader: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { reader = ByteReader(bytes) }

    mutating func next<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(SnapshotDefect) -> T {
        do throws(ByteReader.Truncated) {
            return try reader.littleEndian()
        } catch {
            throw .truncated(
                neededByteCount: error.neededByteCount, foundByteCount: error.remainingByteCount)
        }
    }

    /// A count or offset, which must fit this machine's integers.
    mutating func count(_ field: SnapshotField) throws(SnapshotDefect) -> Int {
        let value: UInt64 = try next()
        guard let count = Int(exactly: value) else {
            throw .outOfBounds(field, value: value, limit: UInt64(Int.max))
        }
        return count
    }

    mutating func matches(_ expected: [UInt8]) throws(SnapshotDefect) -> Bool {
        var isEqual = true
        for byte in expected where try next(UInt8.self) != byte { isEqual = false }
        return isEqual
    }

    mutating func zeroes(_ byteCount: Int) throws(SnapshotDefect) {
        for _ in 0..<byteCount {
            guard try next(UInt8.self) == 0 else { throw .reservedNotZero }
        }
    }

    static func checksum(in bytes: RawSpan, at offset: Int) throws(SnapshotDefect) -> UInt32 {
        var reader = SnapshotFieldReader(bytes.extracting(droppingFirst: offset))
        return try reader.next()
    }
}
