/// Bytes as text that cannot move a terminal's cursor or be taken for other text.
package enum SafeText {
    /// Valid UTF-8 as it is, but control characters as `\xNN` byte by byte and a backslash doubled.
    /// Bytes that are no UTF-8 are shown one by one, all but ASCII as `\xNN`.
    package static func escaped(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return bytes.map { $0 < 0x80 ? escaped(UnicodeScalar($0)) : hexadecimal($0) }.joined()
        }
        return escaped(text)
    }

    package static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { needsEscape($0) }) else { return text }
        return text.unicodeScalars.map(escaped).joined()
    }

    /// `0x` and lower-case digits.
    package static func hexadecimal<T: FixedWidthInteger & UnsignedInteger>(number: T) -> String {
        "0x" + String(number, radix: 16)
    }

    private static func needsEscape(_ scalar: UnicodeScalar) -> Bool {
        scalar == "\\" || scalar.value < 0x20 || 0x7f...0x9f ~= scalar.value
    }

    private static func escaped(_ scalar: UnicodeScalar) -> String {
        guard needsEscape(scalar) else { return String(scalar) }
        return scalar == "\\" ? "\\\\" : String(scalar).utf8.map(hexadecimal).joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
}
