/// The names of people and machines in certificates, written as Java writes them.
///
/// Access lists of the scheme x509 compare these texts, so each character counts: it is what
/// `X500Principal.getName()` answers, RFC 2253 with the freedoms that Java takes.
enum DistinguishedName {
    /// The keywords of RFC 2253; any other type is written in numbers, and its value in hexadecimal.
    private static let keywords: [String: String] = [
        "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET",
        "2.5.4.10": "O", "2.5.4.11": "OU", "0.9.2342.19200300.100.1.1": "UID",
        "0.9.2342.19200300.100.1.25": "DC",
    ]
    /// UTF8String, PrintableString, TeletexString, IA5String, GeneralString, BMPString.
    private static let stringTags: Set<UInt8> = [0x0c, 0x13, 0x14, 0x16, 0x1b, 0x1e]

    /// The text of a name; the last part of the certificate's comes first.
    static func text(of name: DERValue) throws(DERDefect) -> String {
        var parts: [String] = []
        for part in name.children.reversed() {
            var attributes: [String] = []
            for attribute in part.children { attributes.append(try text(ofAttribute: attribute)) }
            parts.append(attributes.joined(separator: "+"))
        }
        return parts.joined(separator: ",")
    }

    private static func text(ofAttribute attribute: DERValue) throws(DERDefect) -> String {
        guard attribute.children.count == 2 else {
            throw DERDefect(expected: "a name's attribute: a type and a value")
        }
        let type = try attribute.child(0, expecting: "an attribute's type").objectIdentifier()
        let value = try attribute.child(1, expecting: "an attribute's value")
        guard let keyword = keywords[type] else { return "\(type)=#\(hexadecimal(value.encodedBytes))" }
        guard stringTags.contains(value.tag) else { return "\(keyword)=#\(hexadecimal(value.encodedBytes))" }
        // Java takes every kind of string for UTF-8.
        let text = String(decoding: try value.content(expecting: "a string"), as: UTF8.self)
        return "\(keyword)=\(escaped(text))"
    }

    /// A backslash before what has a meaning in names, and before blanks at both ends.
    private static func escaped(_ text: String) -> String {
        var inner: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            switch scalar {
            case ",", "=", "+", "<", ">", "#", ";", "\"", "\\": inner += ["\\", scalar]
            case "\0": inner += ["\\", "0", "0"]
            default: inner.append(scalar)
            }
        }
        let leading = inner.prefix(while: isBlank).count
        let trailing = leading == inner.count ? 0 : inner.reversed().prefix(while: isBlank).count
        var all = String.UnicodeScalarView()
        for (index, scalar) in inner.enumerated() {
            if index < leading || index >= inner.count - trailing { all.append("\\") }
            all.append(scalar)
        }
        return String(all)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\r" }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
