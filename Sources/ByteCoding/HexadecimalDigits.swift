/// Numbers with a fixed count of lower-case hexadecimal digits, as they stand in the names of files.
package enum HexadecimalDigits {
    /// The value's digits behind zeroes; more than `digitCount` if it needs more.
    package static func text(_ value: UInt64, digitCount: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
    }

    /// Nil if anything else stands there than `0` to `9` and `a` to `f`. At most 16 digits.
    package static func value(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
