import Testing

@testable import Snapshots

@Suite struct TailRecordTests {
    private let records: [[UInt8]] = [[1], [], [2, 3, 4], [UInt8](repeating: 9, count: 1000)]

    @Test func recordsComeBackInOrder() throws {
        #expect(try read(encoded()) == records)
        #expect(try read([]) == [])
    }

    @Test func aCutBetweenRecordsGivesThoseBeforeItAndAnyOtherCutIsFound() throws {
        let bytes = encoded()
        var ends = [0]
        for record in records { ends.append((ends.last ?? 0) + TailReader.frameByteCount + record.count) }
        for length in 0..<bytes.count {
            if let count = ends.firstIndex(of: length) {
                #expect(try read(Array(bytes[..<length])) == Array(records[..<count]))
            } else {
                #expect(throws: TailDefect.self) { try read(Array(bytes[..<length])) }
            }
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        let bytes = encoded()
        for offset in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[offset] ^= 1 << bit
                #expect(throws: TailDefect.self) { try read(flipped) }
            }
        }
    }

    private func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records { TailReader.encode(record: record.span.bytes, into: &bytes) }
        return bytes
    }

    private func read(_ bytes: [UInt8]) throws(TailDefect) -> [[UInt8]] {
        var reader = TailReader(bytes.span.bytes)
        var read: [[UInt8]] = []
        while let record = try reader.next() { read.append(record.withUnsafeBytes { Array($0) }) }
        return read
    }
}
