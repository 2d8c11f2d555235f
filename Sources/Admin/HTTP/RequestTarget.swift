/// What a request asks for: a path and the words behind its question mark, both freed of percent signs.
struct RequestTarget: Equatable {
    enum Defect: Error {
        /// It is no target at all.
        case malformed
        /// It goes by way of `.` or `..`, which lead nowhere here.
        case nowhere
    }

    /// Begins with a slash.
    let path: String
    /// Of a word that stands there several times, the first.
    let words: [String: String]

    /// - Parameter text: as it stands in the request's first line.
    init(_ text: String) throws(Defect) {
        var rest = text[...]
        // The form that is for proxies has scheme and host in front.
        if !rest.hasPrefix("/"), let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
            rest = rest[colon...].dropFirst(3).drop { $0 != "/" && $0 != "?" }
            if rest.isEmpty || rest.first == "?" { rest = "/" + rest }
        }
        guard rest.first == "/" else { throw .malformed }
        let halves = rest.prefix { $0 != "#" }.split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path = ""
        for segment in halves[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = try Self.freed(segment.prefix { $0 != ";" })
            if name == "." || name == ".." { throw .nowhere }
            path += "/" + name
        }
        self.path = path
        var words: [String: String] = [:]
        for pair in halves.count > 1 ? halves[1].split(separator: "&") : [] {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.freed(parts[0], plusIsBlank: true)
            let value = parts.count > 1 ? try Self.freed(parts[1], plusIsBlank: true) : ""
            if words[name] == nil { words[name] = value }
        }
        self.words = words
    }

    /// What is not UTF-8 becomes U+FFFD.
    private static func freed(_ text: Substring, plusIsBlank: Bool = false) throws(Defect) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let high = Self.digit(rest.popFirst()),
                    let low = Self.digit(rest.popFirst()), high | low > 0
                else { throw .malformed }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): byte.map { $0 - UInt8(ascii: "0") }
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): byte.map { $0 - UInt8(ascii: "a") + 10 }
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): byte.map { $0 - UInt8(ascii: "A") + 10 }
        default: nil
        }
    }
}
