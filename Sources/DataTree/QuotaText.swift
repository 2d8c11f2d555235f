import Jute

/// The numbers in a quota's nodes: `count=10,bytes=-1`, with hard limits
/// `count=-1,bytes=-1=;byteHardLimit=4096;countHardLimit=10`.
///
/// Pairs of a word and a number, between commas or semicolons, in any order; what stands behind a second
/// "=" is passed over, and -1 or nothing is no limit.
struct QuotaText: Equatable {
    var count: Int64 = -1
    var byteCount: Int64 = -1
    var countHardLimit: Int64 = -1
    var byteHardLimit: Int64 = -1

    init(count: Int64, byteCount: Int64) {
        self.count = count
        self.byteCount = byteCount
    }

    /// Nil for text that does not follow the rule.
    init?(_ text: UnsafeRawBufferPointer) {
        for pair in text.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }) {
            let parts = pair.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
            guard parts.count >= 2, let value = Self.number(parts[1]) else { return nil }
            switch String(decoding: parts[0], as: UTF8.self) {
            case "count": count = value
            case "bytes": byteCount = value
            case "countHardLimit": countHardLimit = value
            case "byteHardLimit": byteHardLimit = value
            default: break
            }
        }
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        digits.isEmpty ? -1 : Int64(String(decoding: digits, as: UTF8.self))
    }

    /// What a node of statistics holds.
    var statistics: [UInt8] { Array("count=\(count),bytes=\(byteCount)".utf8) }
}
