/// A settings file in the syntax of Java properties, which is what a zoo.cfg is.
///
/// `#` and `!` begin comment lines; a key ends at `=`, `:` or white space; a backslash at the end of a
/// line continues it, and escapes characters elsewhere (`\t`, `\n`, `\r`, `\f`, `\uXXXX`).
package struct PropertiesText {
    package struct Entry: Equatable, Sendable {
        package var key: String
        package var value: String
        /// The line on which the entry begins, from 1.
        package var lineNumber: Int
    }

    /// In the order of the file; a key may stand more than once, and then its last value counts.
    package private(set) var entries: [Entry] = []

    package init(_ text: String) { self.init(Array(text.utf8)) }

    /// Each line is UTF-8 or, if it is not, ISO 8859-1, as which Java reads the whole file.
    package init(_ bytes: [UInt8]) {
        var logicalLine: [Unicode.Scalar] = []
        var firstLineNumber = 0
        for (index, line) in Self.lines(bytes).enumerated() {
            let scalars = Array(line.drop(while: Self.isBlank))
            if logicalLine.isEmpty {
                guard let first = scalars.first, first != "#", first != "!" else { continue }
                firstLineNumber = index + 1
            }
            logicalLine += scalars
            if Self.endsWithOpenBackslash(scalars) {
                logicalLine.removeLast()
                continue
            }
            add(logicalLine, lineNumber: firstLineNumber)
            logicalLine = []
        }
        if !logicalLine.isEmpty { add(logicalLine, lineNumber: firstLineNumber) }
    }

    /// Divided at `\n`, `\r` and `\r\n`, and nowhere else.
    private static func lines(_ bytes: [UInt8]) -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        {
            // The second half of a Windows line end.
            if byte == UInt8(ascii: "\n"), index == start, index > 0, bytes[index - 1] == UInt8(ascii: "\r") {
                start = index + 1
                continue
            }
            lines.append(scalars(bytes[start..<index]))
            start = index + 1
        }
        lines.append(scalars(bytes[start...]))
        return lines
    }

    private static func scalars(_ line: ArraySlice<UInt8>) -> [Unicode.Scalar] {
        if let text = String(validating: line, as: UTF8.self) { return Array(text.unicodeScalars) }
        return line.map { Unicode.Scalar($0) }
    }

    private mutating func add(_ line: [Unicode.Scalar], lineNumber: Int) {
        var key = String.UnicodeScalarView()
        var position = 0
        while position < line.count, !Self.isBlank(line[position]), line[position] != "=",
            line[position] != ":"
        {
            Self.unescape(line, &position, into: &key)
        }
        while position < line.count, Self.isBlank(line[position]) { position += 1 }
        if position < line.count, line[position] == "=" || line[position] == ":" { position += 1 }
        while position < line.count, Self.isBlank(line[position]) { position += 1 }
        var value = String.UnicodeScalarView()
        while position < line.count { Self.unescape(line, &position, into: &value) }
        while let last = value.last, Self.isBlank(last) { value.removeLast() }
        entries.append(Entry(key: String(key), value: String(value), lineNumber: lineNumber))
    }

    /// Adds the character at `position` to `text`, undoing a backslash; moves past what it took.
    private static func unescape(
        _ line: [Unicode.Scalar], _ position: inout Int, into text: inout String.UnicodeScalarView
    ) {
        let scalar = line[position]
        position += 1
        guard scalar == "\\", position < line.count else {
            text.append(scalar)
            return
        }
        let escaped = line[position]
        position += 1
        switch escaped {
        case "t": text.append("\t")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "f": text.append("\u{c}")
        case "u":
            let digits = line[position..<min(position + 4, line.count)]
            let code = UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
            if digits.count == 4, let code, let scalar = Unicode.Scalar(code) {
                text.append(scalar)
                position += 4
            } else {
                text.append(escaped)
            }
        default: text.append(escaped)
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{c}"
    }

    /// Whether the line ends with an odd number of backslashes.
    private static func endsWithOpenBackslash(_ line: [Unicode.Scalar]) -> Bool {
        line.reversed().prefix { $0 == "\\" }.count % 2 == 1
    }
}
