import ByteCoding
import Identifiers
import Metadata

/// The names of the log's files. A sequence number is never used twice; the name is a hint, the header
/// and the slots decide.
package enum SegmentName: Equatable, Sendable {
    /// In use: `seg-<sequence>-<first zxid>.zkl`.
    case live(sequence: UInt64, firstZxid: Zxid)
    /// Zeroed and waiting: `prep-<sequence>.zkl`.
    case prepared(sequence: UInt64)
    /// Set aside by a truncation or an installation: `old-<sequence>-<successor>.zkl`.
    case setAside(sequence: UInt64, successor: UInt64)

    package var text: String {
        switch self {
        case .live(let sequence, let zxid):
            "seg-\(Self.hex(sequence))-\(Self.hex(UInt64(bitPattern: zxid.rawValue))).zkl"
        case .prepared(let sequence): "prep-\(Self.hex(sequence)).zkl"
        case .setAside(let sequence, let successor):
            "old-\(Self.hex(sequence))-\(Self.hex(successor)).zkl"
        }
    }

    package var sequence: UInt64 {
        switch self {
        case .live(let sequence, _), .prepared(let sequence), .setAside(let sequence, _): sequence
        }
    }

    /// Nil for other files' names, and for numbers that no store counts to: the next one must be free.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard text.hasSuffix(".zkl"), let dash = bytes.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        // Every number has 16 digits, so the length says how many there are.
        let first = Self.sequence(bytes, at: dash + 1)
        let second = Self.number(bytes, at: dash + 18)
        let hasSecond = bytes.count == dash + 38 && bytes[dash + 17] == UInt8(ascii: "-")
        switch (bytes[..<dash].elementsEqual("seg".utf8), bytes[..<dash].elementsEqual("old".utf8)) {
        case (true, false):
            guard hasSecond, let first, let second else { return nil }
            self = .live(sequence: first, firstZxid: Zxid(rawValue: Int64(bitPattern: second)))
        case (false, true):
            guard hasSecond, let first, let successor = Self.sequence(bytes, at: dash + 18) else {
                return nil
            }
            self = .setAside(sequence: first, successor: successor)
        default:
            guard bytes[..<dash].elementsEqual("prep".utf8), bytes.count == dash + 21, let first else {
                return nil
            }
            self = .prepared(sequence: first)
        }
    }

    /// A number that is not beyond those that a store counts.
    private static func sequence(_ bytes: [UInt8], at start: Int) -> UInt64? {
        guard let value = number(bytes, at: start), value <= LogPosition.numberMax else { return nil }
        return value
    }

    /// 16 hexadecimal digits in lower case; nil if there are others or fewer.
    private static func number(_ bytes: [UInt8], at start: Int) -> UInt64? {
        guard start + 16 <= bytes.count else { return nil }
        return HexadecimalDigits.value(bytes[start..<start + 16])
    }

    private static func hex(_ value: UInt64) -> String { HexadecimalDigits.text(value, digitCount: 16) }
}
