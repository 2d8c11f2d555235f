import Compression
import Simulation
import Testing

/// Bytes of a kind that a log or a snapshot holds.
enum Material: String, CaseIterable {
    case nothing, one, zeroes, text, random, mixed

    func bytes(using generator: inout SeededRandom) -> [UInt8] {
        switch self {
        case .nothing: []
        case .one: [42]
        case .zeroes: .init(repeating: 0, count: 65_536)
        case .text: Array(String(repeating: "/service/node-0000000017 = up\n", count: 300).utf8)
        case .random: (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        case .mixed:
            (0..<50_000).map {
                $0 % 100 < 60 ? UInt8($0 % 7) : UInt8.random(in: 0...255, using: &generator)
            }
        }
    }
}

/// Compresses into a buffer of exactly `limit` bytes; nil if that is too small.
func compressed(_ bytes: [UInt8], by codec: Codec, limit: Int? = nil) -> [UInt8]? {
    let limit = limit ?? codec.compressedByteCountMax(for: bytes.count)
    // The spare byte at the end lets an empty buffer have an address and shows an overrun.
    var stored = [UInt8](repeating: 0xEE, count: limit + 1)
    let count = bytes.withUnsafeBytes { source in
        stored.withUnsafeMutableBytes { codec.compress(source, into: .init(rebasing: $0[..<limit])) }
    }
    #expect(stored[limit] == 0xEE, "\(codec) wrote past its destination")
    guard let count else { return nil }
    return Array(stored[..<count])
}

/// Decompresses to exactly `byteCount` bytes, and checks that nothing was written after them.
func decompressed(_ stored: [UInt8], by codec: Codec, byteCount: Int) throws(DecompressionError)
    -> [UInt8]
{
    var bytes = [UInt8](repeating: 0xEE, count: byteCount + 64)
    defer {
        #expect(bytes[byteCount...].allSatisfy { $0 == 0xEE }, "\(codec) wrote past its destination")
    }
    let outcome: Result<Void, DecompressionError> = stored.withUnsafeBytes { source in
        bytes.withUnsafeMutableBytes { all in
            do throws(DecompressionError) {
                return .success(try codec.decompress(source, into: .init(rebasing: all[..<byteCount])))
            } catch {
                return .failure(error)
            }
        }
    }
    try outcome.get()
    return Array(bytes[..<byteCount])
}

@Suite struct CodecTests {
    @Test(arguments: Codec.allCases, Material.allCases)
    func whatIsCompressedComesBack(codec: Codec, material: Material) throws {
        var generator = SeededRandom(seed: 7)
        let bytes = material.bytes(using: &generator)
        let stored = try #require(compressed(bytes, by: codec))
        #expect(try decompressed(stored, by: codec, byteCount: bytes.count) == bytes)
    }

    @Test(arguments: [Codec.lz4, .zlib])
    func textShrinks(codec: Codec) throws {
        var generator = SeededRandom(seed: 7)
        let text = Material.text.bytes(using: &generator)
        #expect(try #require(compressed(text, by: codec)).count < text.count / 10)
    }

    @Test(arguments: Codec.allCases)
    func aDestinationThatIsTooSmallIsRefused(codec: Codec) throws {
        var generator = SeededRandom(seed: 8)
        let bytes = Material.random.bytes(using: &generator)
        for limit in [0, 1, bytes.count / 2, bytes.count - 1] {
            #expect(compressed(bytes, by: codec, limit: limit) == nil)
        }
    }

    @Test(arguments: Codec.allCases, [-1, 1])
    func aLengthThatIsNotTheRightOneIsRefused(codec: Codec, difference: Int) throws {
        var generator = SeededRandom(seed: 9)
        let bytes = Material.mixed.bytes(using: &generator)
        let stored = try #require(compressed(bytes, by: codec))
        #expect(throws: DecompressionError.malformed(codec: codec)) {
            try decompressed(stored, by: codec, byteCount: bytes.count + difference)
        }
    }

    @Test(arguments: [Codec.lz4, .zlib])
    func everyTruncationIsRefused(codec: Codec) throws {
        var generator = SeededRandom(seed: 10)
        let bytes = Array(Material.mixed.bytes(using: &generator).prefix(2000))
        let stored = try #require(compressed(bytes, by: codec))
        for length in 0..<stored.count {
            #expect(throws: DecompressionError.malformed(codec: codec)) {
                try decompressed(Array(stored[..<length]), by: codec, byteCount: bytes.count)
            }
        }
    }

    /// A flipped bit may still decode (a checksum stands above the codec); it never traps and never
    /// writes outside the destination, which `decompressed` checks.
    @Test(arguments: [Codec.lz4, .zlib])
    func everyFlippedBitDecodesToTheLengthOrIsRefused(codec: Codec) throws {
        var generator = SeededRandom(seed: 11)
        let bytes = Array(Material.mixed.bytes(using: &generator).prefix(500))
        let intact = try #require(compressed(bytes, by: codec))
        var refusedCount = 0
        for bit in 0..<intact.count * 8 {
            var stored = intact
            stored[bit / 8] ^= 1 << (bit % 8)
            do throws(DecompressionError) {
                let result = try decompressed(stored, by: codec, byteCount: bytes.count)
                #expect(result.count == bytes.count)
            } catch {
                #expect(error == .malformed(codec: codec))
                refusedCount += 1
            }
        }
        #expect(refusedCount > 0)
    }

    @Test(arguments: [Codec.lz4, .zlib])
    func randomBytesNeverTrap(codec: Codec) throws {
        var generator = SeededRandom(seed: 12)
        for _ in 0..<2000 {
            let stored = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let byteCount = Int.random(in: 0...1000, using: &generator)
            do throws(DecompressionError) {
                let result = try decompressed(stored, by: codec, byteCount: byteCount)
                #expect(result.count == byteCount)
            } catch {
                #expect(error == .malformed(codec: codec))
            }
        }
    }

    @Test(arguments: [Codec.lz4, .zlib])
    func aSmallInputThatWouldGrowWithoutEndStopsAtTheDestination(codec: Codec) throws {
        let stored = try #require(compressed(.init(repeating: 0, count: 1 << 20), by: codec))
        #expect(stored.count < 10_000)
        #expect(throws: DecompressionError.malformed(codec: codec)) {
            try decompressed(stored, by: codec, byteCount: 4096)
        }
    }

    @Test func theNumbersInFilesStayWhatTheyAre() {
        #expect(Codec(rawValue: 0) == Codec.none)
        #expect(Codec(rawValue: 1) == .lz4)
        #expect(Codec(rawValue: 2) == .zlib)
        #expect(Codec(rawValue: 3) == nil)
    }
}
