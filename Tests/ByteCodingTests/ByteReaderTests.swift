import ByteCoding
import Testing

@Suite struct ByteReaderTests {
    private let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xFF]

    @Test func readsBothByteOrders() throws {
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.bigEndian(UInt16.self) == 0x0102)
        #expect(try reader.littleEndian(UInt16.self) == 0x0403)
        #expect(try reader.bigEndian(UInt32.self) == 0x0506_0708)
        #expect(try reader.bigEndian(Int8.self) == -1)
        #expect(reader.offset == 9)
        #expect(reader.remainingByteCount == 0)
    }

    @Test func readsAtAddressesThatAreNotAligned() throws {
        var reader = ByteReader(bytes.span.bytes)
        let first = try reader.bigEndian(UInt8.self)
        #expect(first == 1)
        #expect(try reader.littleEndian(UInt64.self) == 0xFF08_0706_0504_0302)
    }

    @Test func aReadPastTheEndThrowsAndMovesNothing() throws {
        for length in 0..<8 {
            let short = Array(bytes.prefix(length))
            var reader = ByteReader(short.span.bytes)
            do throws(ByteReader.Truncated) {
                let value = try reader.bigEndian(UInt64.self)
                Issue.record("read \(value) from \(length) bytes")
            } catch {
                #expect(error.neededByteCount == 8)
                #expect(error.remainingByteCount == length)
            }
            #expect(reader.offset == 0)
            #expect(reader.remainingByteCount == length)
        }
    }

    @Test func aSliceEndsAtItsLength() throws {
        var reader = ByteReader(bytes.span.bytes)
        let slice = try reader.slice(byteCount: 3)
        #expect(slice.byteCount == 3)
        #expect(slice.unsafeLoad(fromByteOffset: 2, as: UInt8.self) == 3)
        #expect(reader.offset == 3)
        let rest = try reader.slice(byteCount: 6)
        #expect(rest.byteCount == 6)
        let empty = try reader.slice(byteCount: 0)
        #expect(empty.byteCount == 0)
    }

    @Test(arguments: [-1, Int.min, 10, Int.max])
    func aSliceThatIsNotThereThrowsAndMovesNothing(byteCount: Int) throws {
        var reader = ByteReader(bytes.span.bytes)
        do throws(ByteReader.Truncated) {
            let slice = try reader.slice(byteCount: byteCount)
            Issue.record("got a slice of \(slice.byteCount) bytes")
        } catch {
            #expect(error.neededByteCount == byteCount)
        }
        #expect(reader.offset == 0)
    }

    @Test func theLastByteCanBeReadAndNoByteAfterIt() throws {
        var reader = ByteReader(bytes.span.bytes)
        let slice = try reader.slice(byteCount: 8)
        #expect(slice.byteCount == 8)
        #expect(try reader.bigEndian(UInt8.self) == 0xFF)
        do throws(ByteReader.Truncated) {
            let value = try reader.bigEndian(UInt8.self)
            Issue.record("read \(value) past the end")
        } catch {
            #expect(error.neededByteCount == 1)
            #expect(error.remainingByteCount == 0)
        }
    }
}
