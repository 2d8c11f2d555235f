import ByteCoding
import Simulation

extension SeededRandom {
    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    /// A short length more often than a long one.
    mutating func length(below bound: Int) -> Int { below(1 + below(bound)) }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A number at which code goes wrong, or any.
    mutating func interestingNumber(near count: Int) -> Int64 {
        switch below(12) {
        case 0: -1
        case 1: 0
        case 2: 1
        case 3: Int64(count)
        case 4: Int64(count) + 1
        case 5: Int64(count) - 1
        case 6: Int64(Int32.max)
        case 7: Int64(Int32.min)
        case 8: .max
        case 9: .min
        case 10: Int64(below(70_000))
        default: Int64(bitPattern: next())
        }
    }
}

/// Small changes to valid bytes.
enum Mutation {
    /// Makes one to four changes, which may make the bytes longer or shorter.
    static func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<1 + random.below(4) { changeOnce(&bytes, &random) }
    }

    /// Makes one to four changes that leave the length as it is.
    static func overwrite(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<1 + random.below(4) { overwriteOnce(&bytes, in: 0..<bytes.count, &random) }
    }

    private static func changeOnce(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else {
            bytes = random.bytes(random.below(40))
            return
        }
        let place = random.below(bytes.count)
        switch random.below(8) {
        case 0: bytes.removeLast(bytes.count - place)
        case 1: bytes.insert(contentsOf: random.bytes(1 + random.below(8)), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
        case 3:
            let piece = bytes[place..<min(bytes.count, place + 1 + random.below(64))]
            bytes.insert(contentsOf: piece, at: random.below(bytes.count))
        default: overwriteOnce(&bytes, in: 0..<bytes.count, &random)
        }
    }

    /// Overwrites a bit, a byte, a number of 4 or 8 bytes, or a run, within `range`.
    static func overwriteOnce(_ bytes: inout [UInt8], in range: Range<Int>, _ random: inout SeededRandom) {
        guard !range.isEmpty else { return }
        let place = range.lowerBound + random.below(range.count)
        let room = range.upperBound - place
        let number = random.interestingNumber(near: bytes.count)
        switch random.below(7) {
        case 0, 1: bytes[place] ^= 1 << random.below(8)
        case 2: bytes[place] = random.byte()
        case 3 where room >= 4: bytes.replace(bigEndian: Int32(truncatingIfNeeded: number), at: place)
        case 4 where room >= 4: bytes.replace(littleEndian: Int32(truncatingIfNeeded: number), at: place)
        case 5 where room >= 8: bytes.replace(littleEndian: number, at: place)
        case 6:
            for offset in place..<place + min(room, 1 + random.below(600)) { bytes[offset] = 0 }
        default: bytes[place] = random.byte()
        }
    }
}
