import ByteCoding
import Simulation
import Testing

@Suite struct ByteArrayTests {
    @Test func appendsBothByteOrders() {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(0x0102_0304))
        bytes.append(littleEndian: UInt32(0x0102_0304))
        bytes.append(bigEndian: Int16(-2))
        #expect(bytes == [1, 2, 3, 4, 4, 3, 2, 1, 0xFF, 0xFE])
    }

    @Test func whatIsAppendedReadsBack() throws {
        var generator = SeededRandom(seed: 1)
        for _ in 0..<1000 {
            let word = UInt64.random(in: .min ... .max, using: &generator)
            let number = Int32.random(in: .min ... .max, using: &generator)
            var bytes: [UInt8] = []
            bytes.append(littleEndian: word)
            bytes.append(bigEndian: number)
            var reader = ByteReader(bytes.span.bytes)
            #expect(try reader.littleEndian(UInt64.self) == word)
            #expect(try reader.bigEndian(Int32.self) == number)
        }
    }

    @Test func appendsASpan() {
        let source: [UInt8] = [9, 8, 7]
        var bytes: [UInt8] = [1]
        bytes.append(source.span.bytes)
        #expect(bytes == [1, 9, 8, 7])
    }

    @Test func replacesOnlyTheBytesOfTheValue() {
        var bytes = [UInt8](repeating: 0xAA, count: 8)
        bytes.replace(bigEndian: UInt16(0x0102), at: 1)
        bytes.replace(littleEndian: UInt32(0x0102_0304), at: 4)
        #expect(bytes == [0xAA, 1, 2, 0xAA, 4, 3, 2, 1])
    }
}
