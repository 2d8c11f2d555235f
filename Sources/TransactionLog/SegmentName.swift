import Identifiers

/// The names of the log's files. A sequence number is never used twice; the name is a hint, the header
/// and the slots decide.
package enum SegmentName: Equatable, Sendable {
    /// In use: `seg-<sequence>-<first zxid>.zkl`.
    case live(sequence: UInt64, firstZxid: Zxid)
    /// Zeroed and waiting: `prep-<sequence>.zkl`.
    case prepared(sequence: UInt64)
    /// Set aside by a truncation: `old-<sequence>-<successor>.zkl`.
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

    package init?(_ text: String) {
        guard text.hasSuffix(".zkl") else { return nil }
        let parts = text.dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().map { $0.utf8.count == 16 ? UInt64($0, radix: 16) : nil }
        switch (parts.first, numbers.count) {
        case ("seg", 2):
            guard let sequence = numbers[0], let zxid = numbers[1] else { return nil }
            self = .live(sequence: sequence, firstZxid: Zxid(rawValue: Int64(bitPattern: zxid)))
        case ("prep", 1):
            guard let sequence = numbers[0] else { return nil }
            self = .prepared(sequence: sequence)
        case ("old", 2):
            guard let sequence = numbers[0], let successor = numbers[1] else { return nil }
            self = .setAside(sequence: sequence, successor: successor)
        default:
            return nil
        }
        guard self.text == text else { return nil }
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
