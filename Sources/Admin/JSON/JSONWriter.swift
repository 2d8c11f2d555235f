/// Writes values as Jackson's pretty printer does: two blanks a level for objects, lists on one line, blanks
/// around colons and inside of brackets.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var depth = 0

    mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .boolean(let boolean): append(boolean ? "true" : "false")
        case .integer(let integer): append(String(integer))
        case .decimal(let decimal): append(decimal.isFinite ? "\(decimal)" : "null")
        case .text(let text): write(text.utf8)
        case .bytes(let bytes): write(String(decoding: bytes, as: UTF8.self).utf8)
        case .list(let values): write(values)
        case .object(let fields): write(fields)
        }
    }

    private mutating func write(_ values: [JSON]) {
        append("[ ")
        for (index, value) in values.enumerated() {
            if index > 0 { append(", ") }
            write(value)
        }
        append(values.isEmpty ? "]" : " ]")
    }

    private mutating func write(_ fields: [(name: String, value: JSON)]) {
        guard !fields.isEmpty else { return append("{ }") }
        append("{")
        depth += 1
        for (index, field) in fields.enumerated() {
            if index > 0 { append(",") }
            breakLine()
            write(field.name.utf8)
            append(" : ")
            write(field.value)
        }
        depth -= 1
        breakLine()
        append("}")
    }

    private mutating func breakLine() {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }

    /// Between quotation marks; control characters, quotation marks and backslashes escaped.
    private mutating func write(_ text: String.UTF8View) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0a: append("\\n")
            case 0x0c: append("\\f")
            case 0x0d: append("\\r")
            case 0..<0x20:
                append("\\u00")
                for digit in [byte >> 4, byte & 15] {
                    bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
                }
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
