/// An `ip` entry: an address, or an address and how many of its first bits count. IPv4 and IPv6.
struct AddressRange: Equatable {
    private let address: [UInt8]
    private let bitCount: Int

    /// Nil for what is no address, or has more bits than the address.
    init?(_ text: String) {
        let parts = text.utf8.split(
            separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.address(String(decoding: first, as: UTF8.self))
        else {
            return nil
        }
        self.address = address
        if parts.count == 2 {
            guard let bitCount = Int(String(decoding: parts[1], as: UTF8.self)),
                (0...address.count * 8).contains(bitCount)
            else { return nil }
            self.bitCount = bitCount
        } else {
            bitCount = address.count * 8
        }
    }

    func contains(_ other: [UInt8]) -> Bool {
        guard other.count == address.count else { return false }
        for bit in stride(from: 0, to: bitCount, by: 8) {
            let kept = min(8, bitCount - bit)
            let mask = UInt8(truncatingIfNeeded: 0xff00 >> kept)
            guard (address[bit / 8] ^ other[bit / 8]) & mask == 0 else { return false }
        }
        return true
    }

    /// The bytes of an address in text: 4, or 16; nil for anything else.
    static func address(_ text: String) -> [UInt8]? {
        text.utf8.contains(UInt8(ascii: ":")) ? version6(text) : version4(text[...])
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Eight groups of up to four digits; `::` once stands for what is missing; the end may be IPv4.
    private static func version6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        var head: [UInt8] = []
        var tail: [UInt8]?
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                // An empty part is the gap, or the outer half of a gap at an end.
                let isEdge = index == 0 || index == parts.count - 1
                if isEdge {
                    let neighbour = index == 0 ? 1 : parts.count - 2
                    guard parts.count > 2, parts[neighbour].isEmpty else { return nil }
                } else {
                    guard tail == nil else { return nil }
                    tail = []
                }
                continue
            }
            guard let group = group(part, isLast: index == parts.count - 1) else { return nil }
            if tail == nil { head += group } else { tail? += group }
        }
        guard let tail else { return head.count == 16 ? head : nil }
        let missing = 16 - head.count - tail.count
        guard missing >= 2 else { return nil }
        return head + [UInt8](repeating: 0, count: missing) + tail
    }

    private static func group(_ part: Substring, isLast: Bool) -> [UInt8]? {
        if isLast, part.utf8.contains(UInt8(ascii: ".")) { return version4(part) }
        guard part.utf8.count <= 4, !part.hasPrefix("+"), !part.hasPrefix("-"),
            let value = UInt16(part, radix: 16)
        else { return nil }
        return [UInt8(value >> 8), UInt8(value & 0xff)]
    }
}
