import CChecksum

/// CRC-32C of bytes, by instruction where the processor has one.
package enum CRC32C {
    /// Continues `crc` over `bytes`; 0 begins. `of(b, continuing: of(a))` is the checksum of a then b.
    @inlinable
    package static func of(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        cchecksum_crc32c(crc, bytes.baseAddress, bytes.count)
    }

    @inlinable
    package static func of(_ bytes: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { of($0, continuing: crc) }
    }

    /// Continues `crc` over the eight bytes of `value`, little-endian.
    @inlinable
    package static func of(littleEndian value: UInt64, continuing crc: UInt32 = 0) -> UInt32 {
        withUnsafeBytes(of: value.littleEndian) { of($0, continuing: crc) }
    }
}
