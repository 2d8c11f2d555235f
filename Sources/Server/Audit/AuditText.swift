import ByteCoding
import Jute

/// A value that stands in a line of the audit log.
///
/// Values come from clients (paths, names, access lists), and a tab or a line end in one could make a line
/// that says what nobody did. So whatever is not printable is escaped (`LogText`), a backslash too, and a
/// value is cut at 4096 characters, with `...` behind. There is no other way into a line.
struct AuditText: Equatable, Sendable {
    static let characterCountMax = 4096
    /// More bytes than so many characters can take.
    private static let byteCountMax = characterCountMax * 4 + 4

    let bytes: [UInt8]

    /// UTF-8; what is not, is shown as U+FFFD.
    init(_ raw: RawSpan) {
        bytes = raw.withUnsafeBytes { raw in
            if raw.count <= Self.characterCountMax, raw.allSatisfy(Self.staysAsItIs) { return [UInt8](raw) }
            let text = String(decoding: raw.prefix(Self.byteCountMax), as: UTF8.self)
            return Array(LogText.escaped(text, characterCountMax: Self.characterCountMax).utf8)
        }
    }

    init(_ text: String) { self.init(Array(text.utf8).span.bytes) }

    /// An access list as it came in a request: scheme, id and rights of each entry, nothing between two
    /// entries; nil for a null list.
    init?(acl: RawSpan) {
        var reader = JuteReader(acl)
        var text: [UInt8] = []
        do throws(JuteDefect) {
            guard let count = try reader.itemCount(itemByteCountMin: 12) else { return nil }
            for _ in 0..<count where text.count < Self.byteCountMax {
                let permissions = Permissions(rawValue: try reader.int32())
                text.append(try reader.string())
                text.append(UInt8(ascii: ":"))
                text.append(try reader.string())
                text.append(UInt8(ascii: ":"))
                Self.append(permissions, to: &text)
            }
        } catch {
            return nil
        }
        self.init(text.span.bytes)
    }

    private static func staysAsItIs(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\")
    }

    private static func append(_ permissions: Permissions, to text: inout [UInt8]) {
        if permissions.contains(.create) { text.append(UInt8(ascii: "c")) }
        if permissions.contains(.delete) { text.append(UInt8(ascii: "d")) }
        if permissions.contains(.read) { text.append(UInt8(ascii: "r")) }
        if permissions.contains(.write) { text.append(UInt8(ascii: "w")) }
        if permissions.contains(.admin) { text.append(UInt8(ascii: "a")) }
    }
}
