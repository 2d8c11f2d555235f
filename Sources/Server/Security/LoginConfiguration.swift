/// What a JAAS file says: sections of login modules with options.
///
///     Server {
///         org.apache.zookeeper.server.auth.DigestLoginModule required
///         user_joe="secret";
///     };
///
/// Words are letters, digits and `. - _ $ *`; everything else stands in quotation marks, where a backslash
/// escapes. `//`, `/* */` and `/` begin comments.
package struct LoginConfiguration: Equatable, Sendable {
    package struct Module: Equatable, Sendable {
        package var className: String
        /// A key that is given twice has its last value.
        package var options: [String: String]
    }

    /// Where and why a text is no such file.
    package struct Defect: Error, Equatable {
        /// From 1.
        package var lineNumber: Int
        package var problem: String
    }

    package private(set) var sections: [String: [Module]] = [:]

    package init(_ bytes: [UInt8]) throws(Defect) {
        var words = LoginWords(bytes)
        while let name = try words.nextWordOrEnd() {
            guard sections[name] == nil else { throw words.defect("the section \(name) is there twice") }
            try words.expect("{")
            var modules: [Module] = []
            while try !words.skip("}") { modules.append(try Self.module(&words)) }
            try words.expect(";")
            sections[name] = modules
        }
    }

    private static let controlFlags: Set<String> = ["required", "requisite", "sufficient", "optional"]

    private static func module(_ words: inout LoginWords) throws(Defect) -> Module {
        var module = Module(className: try words.word("a login module's name or }"), options: [:])
        let flag = try words.word("required")
        guard controlFlags.contains(flag.lowercased()) else {
            throw words.defect("\"\(flag)\" cannot be used; expected required")
        }
        while try !words.skip(";") {
            let key = try words.word("an option or ;")
            try words.expect("=")
            let value = try words.word("the value of \(key)")
            guard !value.contains("${") else {
                throw words.defect("the value of \(key) names a Java property, which there is none of here")
            }
            module.options[key] = value
        }
        return module
    }
}

/// The words and signs of a JAAS file, one after the other.
private struct LoginWords {
    private enum Token: Equatable {
        case word(String)
        case sign(UInt8)
        case end

        var shown: String {
            switch self {
            case .word(let text): "\"\(text)\""
            case .sign(let sign): "\"\(Character(Unicode.Scalar(sign)))\""
            case .end: "the end of the file"
            }
        }
    }

    private let bytes: [UInt8]
    private var position = 0
    private var lineNumber = 1
    /// Where the last token stood.
    private var tokenLineNumber = 1
    private var peeked: Token?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func defect(_ problem: String) -> LoginConfiguration.Defect {
        LoginConfiguration.Defect(lineNumber: tokenLineNumber, problem: problem)
    }

    // MARK: What comes next

    /// Nil at the end of the file.
    mutating func nextWordOrEnd() throws(LoginConfiguration.Defect) -> String? {
        if try peek() == .end { return nil }
        return try word("a section's name")
    }

    mutating func word(_ expected: String) throws(LoginConfiguration.Defect) -> String {
        let token = try take()
        guard case .word(let text) = token else {
            throw defect("\(token.shown) cannot stand here; expected \(expected)")
        }
        return text
    }

    mutating func expect(_ sign: Unicode.Scalar) throws(LoginConfiguration.Defect) {
        let token = try take()
        guard token == .sign(UInt8(ascii: sign)) else {
            throw defect("\(token.shown) cannot stand here; expected \(sign)")
        }
    }

    /// Goes over a sign if it is the next.
    mutating func skip(_ sign: Unicode.Scalar) throws(LoginConfiguration.Defect) -> Bool {
        guard try peek() == .sign(UInt8(ascii: sign)) else { return false }
        _ = try take()
        return true
    }

    private mutating func peek() throws(LoginConfiguration.Defect) -> Token {
        if let peeked { return peeked }
        let token = try read()
        peeked = token
        return token
    }

    private mutating func take() throws(LoginConfiguration.Defect) -> Token {
        let token = try peek()
        peeked = nil
        return token
    }

    // MARK: Bytes

    private mutating func read() throws(LoginConfiguration.Defect) -> Token {
        try skipBlanks()
        tokenLineNumber = lineNumber
        guard position < bytes.count else { return .end }
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") { return .word(try quoted()) }
        guard Self.isOfWord(byte) else {
            position += 1
            return .sign(byte)
        }
        let start = position
        while position < bytes.count, Self.isOfWord(bytes[position]) { position += 1 }
        return .word(try text(bytes[start..<position]))
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xff:
            true
        default:
            "._-$*".utf8.contains(byte)
        }
    }

    private mutating func skipBlanks() throws(LoginConfiguration.Defect) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "/") {
                try skipComment()
            } else if byte <= UInt8(ascii: " ") {
                if byte == UInt8(ascii: "\n") { lineNumber += 1 }
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(LoginConfiguration.Defect) {
        guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "*") else {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            return
        }
        tokenLineNumber = lineNumber
        position += 2
        while position + 1 < bytes.count {
            if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
                position += 2
                return
            }
            if bytes[position] == UInt8(ascii: "\n") { lineNumber += 1 }
            position += 1
        }
        throw defect("a comment has no end; expected */")
    }

    private mutating func quoted() throws(LoginConfiguration.Defect) -> String {
        var content: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(content[...])
            case UInt8(ascii: "\\"): content.append(try escaped())
            default: content.append(byte)
            }
        }
        throw defect("a quotation mark is not closed on its line")
    }

    /// The byte that stands behind a backslash; up to three octal digits are its number.
    private mutating func escaped() throws(LoginConfiguration.Defect) -> UInt8 {
        guard position < bytes.count else { throw defect("a backslash stands at the end of the file") }
        let byte = bytes[position]
        position += 1
        guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else {
            let named: [UInt8: UInt8] = [
                UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "f"): 12,
                UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "v"): 11,
            ]
            return named[byte] ?? byte
        }
        var value = Int(byte - UInt8(ascii: "0"))
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[position]),
            value * 8 < 256
        {
            value = value * 8 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return UInt8(value & 0x7f)
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(LoginConfiguration.Defect) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw defect("this is not UTF-8")
        }
        return text
    }
}
