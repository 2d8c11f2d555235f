/// Text from outside on its way into a log line or a report.
///
/// What somebody sends (a path, a name, a header) must not end a line, move a terminal's cursor, or fill
/// the disk: whatever is not printable is written as an escape, and 256 characters are enough.
package enum LogText {
    package static let characterCountMax = 256

    /// `text` with everything that is not printable as `\n`, `\t`, `\u{1b}` and so on, cut after 256
    /// characters with `...` behind.
    package static func escaped(_ text: String, characterCountMax: Int = characterCountMax) -> String {
        var line = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < characterCountMax else { return line + "..." }
            let piece = escaped(scalar)
            line += piece
            count += piece.unicodeScalars.count
        }
        return line
    }

    /// A whole line with everything escaped that is not printable: what the pieces of it should have had
    /// done to them already, for those that were forgotten. Backslashes stay, since they may be escapes.
    static func printable(_ line: String) -> String {
        if line.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }), line.utf8.count <= lineCharacterCountMax {
            return line
        }
        var text = ""
        for (count, scalar) in line.unicodeScalars.enumerated() {
            guard count < lineCharacterCountMax else { return text + "..." }
            text += scalar == "\\" ? "\\" : escaped(scalar)
        }
        return text
    }

    private static let lineCharacterCountMax = 4096

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\\": return "\\\\"
        default: return isPrintable(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    /// Whether a scalar is a letter, a mark or a sign that stands where it is put: no control character,
    /// no line or paragraph end, nothing that turns the direction of writing, nothing unassigned.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            return false
        default:
            return true
        }
    }
}
