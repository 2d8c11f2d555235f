import Identifiers

/// How ZooKeeper makes session identifiers: 8 bits of server, 40 bits of start time, 16 bits of counter.
package struct SessionIDGenerator {
    private var upcoming: Int64

    /// Starts the sequence of one server's life.
    ///
    /// `milliseconds` is when the server started. Only its low 40 bits matter; two starts of a server in
    /// the same millisecond would repeat identifiers, which `Sessions` avoids for those still in use.
    package init(server: ServerID, milliseconds: Int64) {
        let time = UInt64(bitPattern: milliseconds << 24) >> 8
        upcoming = Int64(bitPattern: time) | server.rawValue << 56
        // The smallest integer marks container nodes as an owner, so it is no session's identifier.
        if upcoming == .min { upcoming += 1 }
    }

    package mutating func next() -> SessionID {
        defer { upcoming &+= 1 }
        return SessionID(rawValue: upcoming)
    }
}

/// The 16 bytes with which a client proves that a session is its own.
///
/// They follow from the identifier alone (the first 16 bytes of java.util.Random seeded with it), so
/// that any server of any kind can check them. They guard against mistakes, not against attackers.
package struct SessionPassword: Equatable, Sendable {
    package static let byteCount = 16

    package let bytes: [UInt8]

    package init(for session: SessionID) {
        var generator = LinearCongruentialGenerator(seed: session.rawValue ^ 0xB341_5C00)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for _ in 0..<Self.byteCount / 4 {
            let word = generator.next()
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        self.bytes = bytes
    }

    /// Whether a client sent this password. Takes as long wherever a wrong one differs.
    package func matches(_ candidate: RawSpan) -> Bool {
        guard candidate.byteCount == Self.byteCount else { return false }
        var difference: UInt8 = 0
        for index in 0..<Self.byteCount {
            difference |= bytes[index] ^ candidate.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        }
        return difference == 0
    }
}

/// The 48-bit generator that java.util.Random specifies.
private struct LinearCongruentialGenerator {
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let mask: UInt64 = 1 << 48 - 1

    private var state: UInt64

    init(seed: Int64) { state = (UInt64(bitPattern: seed) ^ Self.multiplier) & Self.mask }

    mutating func next() -> UInt32 {
        state = (state &* Self.multiplier &+ 0xB) & Self.mask
        return UInt32(truncatingIfNeeded: state >> 16)
    }
}
