import CChecksum

/// CRC-32 of bytes as zlib computes it, which ZooKeeper's digests are made of.
package enum CRC32 {
    /// Continues `crc` over `bytes`; 0 begins. `of(b, continuing: of(a))` is the checksum of a then b.
    @inlinable
    package static func of(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        cchecksum_crc32(crc, bytes.baseAddress, bytes.count)
    }

    @inlinable
    package static func of(_ bytes: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { of($0, continuing: crc) }
    }
}
