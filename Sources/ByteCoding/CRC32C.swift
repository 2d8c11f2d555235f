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

    /// The checksum of some bytes and `byteCount` more, from the checksums of both; takes well under a
    /// microsecond, however many bytes there are. `of(b, continuing: c)` is `joined(c, of(b), ...)`.
    package static func joined(_ first: UInt32, _ second: UInt32, byteCount: Int) -> UInt32 {
        // A checksum moves past a zero bit by a multiplication with x; so past n bytes by x to the 8n.
        var product = first
        for place in 0..<(Int.bitWidth - byteCount.leadingZeroBitCount) where byteCount >> place & 1 == 1 {
            product = multiplied(product, byteShifts[place])
        }
        return product ^ second
    }

    /// x to the power of 8 times 2 to the n, modulo the polynomial, for each n.
    private static let byteShifts: [UInt32] = {
        var shifts = [UInt32(1) << 23]
        while shifts.count < Int.bitWidth {
            shifts.append(multiplied(shifts[shifts.count - 1], shifts[shifts.count - 1]))
        }
        return shifts
    }()

    /// The product of two polynomials modulo CRC-32C's. The highest bit is the coefficient of 1.
    private static func multiplied(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var product: UInt32 = 0
        var shifted = right
        for bit in 0..<32 {
            if left >> (31 - UInt32(bit)) & 1 == 1 { product ^= shifted }
            shifted = shifted >> 1 ^ (shifted & 1 == 1 ? 0x82F6_3B78 : 0)
        }
        return product
    }
}
