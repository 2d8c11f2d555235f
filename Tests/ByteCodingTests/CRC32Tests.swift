import ByteCoding
import CChecksum
import Testing

struct CRC32Tests {
    @Test func theCheckValueIsZlibs() {
        let digits = Array("123456789".utf8)
        #expect(CRC32.of(digits.span.bytes) == 0xcbf4_3926)
        let nothing: [UInt8] = []
        #expect(CRC32.of(nothing.span.bytes) == 0)
    }

    @Test func bothPathsAgreeOnEveryLengthAndStart() {
        let bytes = (0..<700).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 3) }
        for start in 0..<17 {
            for count in 0..<(bytes.count - start) {
                bytes.withUnsafeBytes { all in
                    let part = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
                    let expected = cchecksum_crc32_portable(UInt32(count), part.baseAddress, count)
                    #expect(CRC32.of(part, continuing: UInt32(count)) == expected)
                }
            }
        }
    }

    @Test func aChecksumContinuesOverPieces() {
        let bytes = (0..<200).map { UInt8($0) }
        let whole = CRC32.of(bytes.span.bytes)
        for cut in 0...bytes.count {
            let (head, tail) = (Array(bytes[..<cut]), Array(bytes[cut...]))
            #expect(CRC32.of(tail.span.bytes, continuing: CRC32.of(head.span.bytes)) == whole)
        }
    }
}
