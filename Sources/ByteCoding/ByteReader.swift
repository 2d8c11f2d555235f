/// Reads integers and slices from bytes, front to back, and never past their end.
///
/// Every read checks what is left first; a failed read throws and moves nothing.
package struct ByteReader: ~Escapable {
    /// Not enough bytes were left.
    package struct Truncated: Error, Equatable {
        package var neededByteCount: Int
        package var remainingByteCount: Int

        @usableFromInline
        init(neededByteCount: Int, remainingByteCount: Int) {
            self.neededByteCount = neededByteCount
            self.remainingByteCount = remainingByteCount
        }
    }

    @usableFromInline let bytes: RawSpan
    /// How many bytes have been read.
    package private(set) var offset = 0

    @inlinable
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.bytes = bytes }

    @inlinable
    package var remainingByteCount: Int { bytes.byteCount - offset }

    @inlinable
    package mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(Truncated) -> T {
        T(littleEndian: try load())
    }

    @inlinable
    package mutating func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(Truncated) -> T {
        T(bigEndian: try load())
    }

    /// The next `byteCount` bytes, without copying them.
    @inlinable
    @_lifetime(copy self)
    package mutating func slice(byteCount: Int) throws(Truncated) -> RawSpan {
        let start = try advance(by: byteCount)
        return bytes.extracting(start..<start + byteCount)
    }

    @inlinable
    mutating func load<T: FixedWidthInteger & BitwiseCopyable>() throws(Truncated) -> T {
        let start = try advance(by: MemoryLayout<T>.size)
        return bytes.unsafeLoadUnaligned(fromByteOffset: start, as: T.self)
    }

    @usableFromInline
    @inline(__always)
    mutating func advance(by byteCount: Int) throws(Truncated) -> Int {
        guard byteCount >= 0, byteCount <= remainingByteCount else {
            throw Truncated(neededByteCount: byteCount, remainingByteCount: remainingByteCount)
        }
        defer { offset += byteCount }
        return offset
    }
}
