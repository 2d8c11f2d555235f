/// The `name=value` pairs of a DIGEST-MD5 message (RFC 2831), as Java's server reads them.
struct DigestMD5Directives: Equatable {
    /// Those that are looked at; others are read over.
    enum Name: String, CaseIterable {
        case username, realm, nonce, cnonce, nc, qop, charset, response, authzid, cipher, maxbuf
        case digestURI = "digest-uri"
    }

    private var values: [Name: [UInt8]] = [:]

    subscript(_ name: Name) -> [UInt8]? { values[name] }

    /// Nil for a message that is not of this form, or that names something twice.
    init?(_ message: [UInt8]) {
        var rest = message[...]
        while true {
            rest = rest.drop { Self.isBlank($0) || $0 == UInt8(ascii: ",") }
            if rest.isEmpty { return }
            let key = rest.prefix {
                !Self.isBlank($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",")
            }
            rest = rest[key.endIndex...].drop(while: Self.isBlank)
            // A last word without a value is read over.
            if rest.isEmpty, !key.isEmpty, key.endIndex == message.endIndex { return }
            guard !key.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
            rest = rest.dropFirst().drop(while: Self.isBlank)
            guard let value = rest.isEmpty ? nil : Self.takeValue(&rest) else { return nil }
            guard let name = Name(rawValue: String(decoding: key, as: UTF8.self).lowercased()) else {
                continue
            }
            guard values.updateValue(value, forKey: name) == nil else { return nil }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 9 || byte == 10 || byte == 13 || byte == UInt8(ascii: " ")
    }

    /// A value up to a comma or white space, or in quotation marks with nothing else behind them.
    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { !isBlank($0) && $0 != UInt8(ascii: ",") }
            rest = rest[value.endIndex...]
            return Array(value)
        }
        var value: [UInt8] = []
        var isEscaped = false
        for index in rest.indices.dropFirst() {
            let byte = rest[index]
            if isEscaped {
                isEscaped = false
                value.append(byte)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                rest = rest[(index + 1)...]
                let ends = rest.first.map { isBlank($0) || $0 == UInt8(ascii: ",") } ?? true
                return ends ? value : nil
            } else {
                value.append(byte)
            }
        }
        return nil
    }
}
