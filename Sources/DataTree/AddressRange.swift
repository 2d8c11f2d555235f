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
        var bitCount = address.count * 8
        if parts.count == 2 {
            guard let given = Int(String(decoding: parts[1], as: UTF8.self)), (0...bitCount).contains(given)
            else { return nil }
            bitCount = given
        }
        // Who comes by IPv4 has an IPv4 address, whichever way the list writes it.
        let isVersion4 = Self.isMapped(address) && bitCount >= 96
        self.address = isVersion4 ? Array(address[12...]) : address
        self.bitCount = isVersion4 ? bitCount - 96 : bitCount
    }

    /// IPv4 within IPv6: `::ffff:1.2.3.4`.
    private static func isMapped(_ address: [UInt8]) -> Bool {
        address.count == 16 && address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xff
            && address[11] == 0xff
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

    /// An address as Java's server writes it into identities: eight IPv6 groups without zeros in front and
    /// none left out, IPv4 within IPv6 as IPv4. What is no address stays as it is.
    static func javaText(_ text: String) -> String {
        guard let bytes = address(text), bytes.count == 16 else { return text }
        if isMapped(bytes) { return bytes[12...].map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
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
