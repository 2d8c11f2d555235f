/// Which texts are names of certificate holders, such as `CN=joe,O=birds`: those that Java's X500Principal
/// takes, so that an access list is valid here if and only if it is valid there.
enum CertificateName {
    /// Whether each attribute has a type that Java knows, or an object identifier, and a value whose
    /// quotation marks, escapes and hexadecimal digits hold together. The empty name is a name.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 == space }) { return true }
        var start = 0
        while true {
            guard let end = endOfAttribute(bytes, from: start) else { return false }
            guard isAttribute(bytes[start..<end]) else { return false }
            if end == bytes.count { return true }
            start = end + 1
        }
    }

    private static let space = UInt8(ascii: " ")
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Types that may be written as words, in capital or small letters.
    private static let types: Set<String> = [
        "CN", "C", "L", "S", "ST", "O", "OU", "T", "IP", "STREET", "DC", "DNQUALIFIER", "DNQ", "SURNAME",
        "GIVENNAME", "INITIALS", "GENERATION", "EMAIL", "EMAILADDRESS", "UID", "SERIALNUMBER",
    ]

    /// The place of the separator behind an attribute, outside of quotation marks, or the text's end; nil if
    /// a quotation mark stays open.
    private static func endOfAttribute(_ bytes: [UInt8], from start: Int) -> Int? {
        var isQuoted = false
        var isEscaped = false
        for index in start..<bytes.count {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else if byte == quote {
                isQuoted.toggle()
            } else if !isQuoted, ",;+".utf8.contains(byte) {
                return index
            }
        }
        return isQuoted ? nil : bytes.count
    }

    private static func isAttribute(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let type = String(decoding: trimmed(bytes[..<equals]), as: UTF8.self).uppercased()
        let value = bytes[(equals + 1)...].drop { $0 == space || $0 == UInt8(ascii: "\n") }
        guard types.contains(type) || isObjectIdentifier(type) else { return false }
        guard let first = value.first else { return true }
        if first == UInt8(ascii: "#") { return isEncodedValue(trimmed(value.dropFirst())) }
        if first == quote { return isQuotedValue(value.dropFirst()) }
        return isPlainValue(value)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 == space }
        while bytes.last == space { bytes.removeLast() }
        return bytes
    }

    /// At least two numbers with dots between them, of which the first is 0, 1 or 2, and the second less
    /// than 40 behind 0 and 1. `OID.` may stand before them.
    private static func isObjectIdentifier(_ type: String) -> Bool {
        let text = type.hasPrefix("OID.") ? type.dropFirst(4) : type[...]
        guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
            return false
        }
        guard let root = Int(parts[0]), root <= 2 else { return false }
        return root == 2 || Int(parts[1]).map { $0 < 40 } ?? false
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Hexadecimal digits of one DER value: a tag, a length, and as many bytes as it says.
    private static func isEncodedValue(_ digits: ArraySlice<UInt8>) -> Bool {
        var bytes: [Int] = []
        var high: Int?
        for digit in digits {
            guard let value = hexadecimal(digit) else { return false }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        guard high == nil, bytes.count >= 2 else { return false }
        var contentStart = 2
        var length = bytes[1]
        if length >= 0x80 {
            let lengthByteCount = length & 0x7f
            guard (1...4).contains(lengthByteCount), bytes.count >= 2 + lengthByteCount else { return false }
            length = bytes[2..<2 + lengthByteCount].reduce(0) { $0 << 8 | $1 }
            contentStart += lengthByteCount
        }
        return bytes.count - contentStart == length
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        Character(Unicode.Scalar(byte)).hexDigitValue
    }

    /// What is behind an opening quotation mark: up to the closing one, and only spaces behind it.
    private static func isQuotedValue(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex, bytes[index] != quote {
            guard bytes[index] == backslash else {
                index += 1
                continue
            }
            guard let next = endOfEscape(bytes, at: index) else { return false }
            index = next
        }
        guard index < bytes.endIndex else { return false }
        return bytes[(index + 1)...].allSatisfy { $0 == space || $0 == UInt8(ascii: "\n") }
    }

    private static func isPlainValue(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == backslash {
                guard let next = endOfEscape(bytes, at: index) else { return false }
                index = next
                continue
            }
            if "\"<>".utf8.contains(byte) { return false }
            index += 1
        }
        return true
    }

    /// Behind the escape that begins at `start`: a special character, or two hexadecimal digits.
    private static func endOfEscape(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int? {
        guard start + 1 < bytes.endIndex else { return nil }
        let escaped = bytes[start + 1]
        if hexadecimal(escaped) != nil {
            guard start + 2 < bytes.endIndex, hexadecimal(bytes[start + 2]) != nil else { return nil }
            return start + 3
        }
        return ",=+<>#;\"\\ \n".utf8.contains(escaped) ? start + 2 : nil
    }
}
