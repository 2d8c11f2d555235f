/// Appending integers to byte arrays, the only way in which this package builds encoded bytes.
extension [UInt8] {
    @inlinable
    package mutating func append<T: FixedWidthInteger & BitwiseCopyable>(littleEndian value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    @inlinable
    package mutating func append<T: FixedWidthInteger & BitwiseCopyable>(bigEndian value: T) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    @inlinable
    package mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Overwrites the bytes at `offset` with `value`; they must exist.
    @inlinable
    package mutating func replace<T: FixedWidthInteger & BitwiseCopyable>(
        littleEndian value: T, at offset: Int
    ) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count, "replacing past the end")
        withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self) }
    }

    /// Overwrites the bytes at `offset` with `value`; they must exist.
    @inlinable
    package mutating func replace<T: FixedWidthInteger & BitwiseCopyable>(
        bigEndian value: T, at offset: Int
    ) {
        precondition(offset >= 0 && offset + MemoryLayout<T>.size <= count, "replacing past the end")
        withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self) }
    }
}
