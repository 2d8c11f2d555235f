/// A fast seeded hash of bytes, for tables in memory only; its values are never stored or sent.
struct SeededHash: Sendable {
    private let seed: UInt64

    private static let first: UInt64 = 0xa076_1d64_78bd_642f
    private static let second: UInt64 = 0xe703_7ed1_a0b4_28db

    init(seed: UInt64) { self.seed = seed ^ Self.first }

    @inline(__always)
    func callAsFunction(_ bytes: RawSpan) -> UInt32 {
        bytes.withUnsafeBytes { bytes in
            var state = seed
            var offset = 0
            while bytes.count &- offset > 16 {
                let a = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let b = bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
                state = Self.fold(a ^ Self.second, b ^ state)
                offset &+= 16
            }
            let (a, b) = Self.tail(bytes, from: offset)
            state = Self.fold(a ^ Self.second, b ^ state)
            return UInt32(truncatingIfNeeded: Self.fold(state ^ UInt64(bytes.count), Self.first) &>> 32)
        }
    }

    func callAsFunction(_ a: UInt32, _ b: UInt32) -> UInt32 {
        let state = Self.fold(UInt64(a) &<< 32 | UInt64(b) ^ Self.second, seed)
        return UInt32(truncatingIfNeeded: state &>> 32)
    }

    /// The last 0...16 bytes as two words.
    @inline(__always)
    private static func tail(_ bytes: UnsafeRawBufferPointer, from offset: Int) -> (UInt64, UInt64) {
        let left = bytes.count &- offset
        if left >= 8 {
            // The two words may overlap.
            return (
                bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self)
            )
        }
        if left >= 4 {
            return (
                UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)),
                UInt64(bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self))
            )
        }
        var word: UInt64 = 0
        for index in offset..<bytes.count { word = word &<< 8 | UInt64(bytes[index]) }
        return (word, 0)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
