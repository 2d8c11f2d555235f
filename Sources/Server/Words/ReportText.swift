/// An answer to an operator, as bytes, of bounded length.
///
/// Some reports have a line for every connection, session or watch, and there may be a million of them:
/// such a report is cut at a bound, which keeps the loop below some tens of milliseconds, and says so in its
/// last line. A line that was begun is finished, however long its path.
struct ReportText {
    static let byteCountMax = 2 << 20

    private(set) var bytes: [UInt8] = []
    private let byteCountMax: Int

    init(byteCountMax: Int = Self.byteCountMax) { self.byteCountMax = byteCountMax }

    /// Whether another line may be begun.
    var hasRoom: Bool { bytes.count < byteCountMax }

    /// The last line of a report that was cut: what there would be more of, and how many there are in all.
    mutating func cut(_ things: StaticString, count: Int) {
        append("... cut after ")
        append(byteCountMax)
        append(" bytes: ")
        append(count)
        append(" ")
        append(things)
        append(" in all\n")
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ piece: [UInt8]) { bytes.append(contentsOf: piece) }

    /// In decimal digits.
    mutating func append(_ number: some BinaryInteger) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        append(UInt64(number.magnitude), radix: 10)
    }

    /// In hexadecimal digits as Java has them: negative numbers by their bits.
    mutating func append(hexadecimal number: Int64) { append(UInt64(bitPattern: number), radix: 16) }

    private mutating func append(_ number: UInt64, radix: UInt64) {
        let start = bytes.count
        var rest = number
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= radix
        } while rest > 0
        bytes[start...].reverse()
    }
}
