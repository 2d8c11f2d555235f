import CZlib

/// CRC-32 as zlib computes it, which ZooKeeper's digests are made of.
///
/// zlib takes over a nanosecond a byte for short inputs, and every write checksums about 180 bytes
/// four times; eight tables halve that. Long inputs go to zlib, which is faster there.
enum CRC32 {
    /// `tables[256 * n + b]` advances byte `b` past `n` more bytes.
    nonisolated(unsafe) private static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return UnsafePointer(tables)
    }()

    private static let zlibByteCountMin = 512

    /// Continues `crc` over `bytes`; 0 begins.
    static func of(_ bytes: RawSpan, continuing crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { of($0, continuing: crc) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        if bytes.count >= zlibByteCountMin {
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return UInt32(truncatingIfNeeded: crc32_z(UInt(crc), start, bytes.count))
        }
        let tables = tables
        var state = ~crc
        var offset = 0
        while bytes.count &- offset >= 8 {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let low = UInt32(truncatingIfNeeded: word) ^ state
            let high = UInt32(truncatingIfNeeded: word &>> 32)
            state =
                tables[1792 &+ Int(low & 0xff)] ^ tables[1536 &+ Int(low &>> 8 & 0xff)]
                ^ tables[1280 &+ Int(low &>> 16 & 0xff)] ^ tables[1024 &+ Int(low &>> 24)]
                ^ tables[768 &+ Int(high & 0xff)] ^ tables[512 &+ Int(high &>> 8 & 0xff)]
                ^ tables[256 &+ Int(high &>> 16 & 0xff)] ^ tables[Int(high &>> 24)]
            offset &+= 8
        }
        while offset < bytes.count {
            state = state &>> 8 ^ tables[Int((state ^ UInt32(bytes[offset])) & 0xff)]
            offset &+= 1
        }
        return ~state
    }
}
