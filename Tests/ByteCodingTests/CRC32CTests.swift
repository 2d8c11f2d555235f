import ByteCoding
import CChecksum
import Simulation
import Testing

/// One way of computing CRC-32C; every path must give the same answers.
enum ChecksumPath: CaseIterable, CustomTestStringConvertible {
    case chosen
    case hardware
    case portable

    var testDescription: String { "\(self)" }

    func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        switch self {
        case .chosen: CRC32C.of(bytes, continuing: crc)
        case .hardware: cchecksum_crc32c_hardware(crc, bytes.baseAddress, bytes.count)
        case .portable: cchecksum_crc32c_portable(crc, bytes.baseAddress, bytes.count)
        }
    }

    func checksum(_ bytes: [UInt8], continuing crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0, continuing: crc) }
    }
}

/// Bytes and the checksum that a standard gives for them.
struct ChecksumVector: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    let checksum: UInt32

    var testDescription: String { name }

    /// RFC 3720 appendix B.4, and the check value of the CRC catalogues.
    static let published: [ChecksumVector] = [
        ChecksumVector(
            name: "32 bytes of zero", bytes: .init(repeating: 0, count: 32), checksum: 0x8A91_36AA),
        ChecksumVector(
            name: "32 bytes of one", bytes: .init(repeating: 255, count: 32), checksum: 0x62A8_AB43),
        ChecksumVector(name: "32 bytes rising", bytes: Array(0..<32), checksum: 0x46DD_794E),
        ChecksumVector(name: "32 bytes falling", bytes: (0..<32).reversed(), checksum: 0x113F_DB5C),
        ChecksumVector(
            name: "an iSCSI read command",
            bytes: [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
                0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ],
            checksum: 0xD996_3A56),
        ChecksumVector(name: "123456789", bytes: Array("123456789".utf8), checksum: 0xE306_9283),
        ChecksumVector(name: "nothing", bytes: [], checksum: 0),
    ]
}

@Suite struct CRC32CTests {
    @Test(arguments: ChecksumPath.allCases, ChecksumVector.published)
    func givesThePublishedChecksum(path: ChecksumPath, vector: ChecksumVector) {
        #expect(path.checksum(vector.bytes) == vector.checksum)
    }

    @Test func hardwareAndPortablePathsAgreeAtEveryLengthAndAlignment() {
        var generator = SeededRandom(seed: 3720)
        let bytes = (0..<512).map { _ in UInt8.random(in: 0...255, using: &generator) }
        bytes.withUnsafeBytes { all in
            for alignment in 0..<16 {
                for length in 0...256 {
                    let start = UInt32.random(in: 0...UInt32.max, using: &generator)
                    let piece = UnsafeRawBufferPointer(rebasing: all[alignment..<alignment + length])
                    let portable = ChecksumPath.portable.checksum(piece, continuing: start)
                    #expect(ChecksumPath.hardware.checksum(piece, continuing: start) == portable)
                    #expect(ChecksumPath.chosen.checksum(piece, continuing: start) == portable)
                }
            }
        }
    }

    @Test func pathsAgreeOnLongInput() {
        var generator = SeededRandom(seed: 4096)
        let bytes = (0..<1_000_003).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(ChecksumPath.hardware.checksum(bytes) == ChecksumPath.portable.checksum(bytes))
    }

    @Test(arguments: ChecksumPath.allCases)
    func continuingOverTwoPiecesEqualsOnePass(path: ChecksumPath) {
        let bytes = Array("a batch, then the next one".utf8)
        for cut in 0...bytes.count {
            let first = path.checksum(Array(bytes[..<cut]))
            #expect(path.checksum(Array(bytes[cut...]), continuing: first) == path.checksum(bytes))
        }
    }

    @Test(arguments: [0, 1, 2, 7, 255, 4096, 65_535, 1_000_003])
    func checksumsOfTwoPiecesJoin(secondByteCount: Int) {
        var generator = SeededRandom(seed: UInt64(secondByteCount))
        let first = (0..<100).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let second = (0..<secondByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let path = ChecksumPath.portable
        #expect(
            CRC32C.joined(path.checksum(first), path.checksum(second), byteCount: secondByteCount)
                == path.checksum(first + second))
        #expect(
            CRC32C.joined(0x1234_5678, path.checksum(second), byteCount: secondByteCount)
                == path.checksum(second, continuing: 0x1234_5678))
    }

    @Test func everyFlippedBitChangesTheChecksum() {
        var bytes = Array("the record of one transaction".utf8)
        let checksum = ChecksumPath.chosen.checksum(bytes)
        for bit in 0..<bytes.count * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(ChecksumPath.chosen.checksum(bytes) != checksum)
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
    }

    @Test func aWordCountsAsItsLittleEndianBytes() {
        let word: UInt64 = 0x0807_0605_0403_0201
        #expect(
            CRC32C.of(littleEndian: word, continuing: 7)
                == ChecksumPath.portable.checksum([1, 2, 3, 4, 5, 6, 7, 8], continuing: 7))
    }
}
