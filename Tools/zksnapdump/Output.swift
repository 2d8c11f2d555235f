import Glibc

/// Gathers lines, as text or as one JSON object each, and writes them to standard output.
final class Output {
    let isJSON: Bool
    private var bytes: [UInt8] = []

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Prints a line: the text, or the object, as was asked for.
    func line(_ text: @autoclosure () -> String, _ object: @autoclosure () -> JSONObject) {
        append(isJSON ? object().text : text())
    }

    /// What is wrong goes to standard error in text, and into the stream in JSON.
    func problem(_ path: String, _ text: String, _ outcome: Outcome) {
        if isJSON {
            var object = JSONObject("problem")
            object.add("file", path)
            object.add("exitCode", Int(outcome.rawValue))
            object.add("text", text)
            append(object.text)
        } else {
            flush()
            Self.write(Array("zksnapdump: \(text)\n".utf8), to: STDERR_FILENO)
        }
    }

    func flush() {
        Self.write(bytes, to: STDOUT_FILENO)
        bytes.removeAll(keepingCapacity: true)
    }

    private func append(_ line: String) {
        bytes += line.utf8
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= 1 << 16 { flush() }
    }

    /// Writes all bytes; a reader that went away ends the program by its signal, or here.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                let rest = UnsafeRawBufferPointer(rebasing: all[done...])
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { exit(Outcome.unreadable.rawValue) }
            done += count
        }
    }
}

/// One JSON object, its members in the order in which they were added.
struct JSONObject {
    private(set) var members = ""

    /// - Parameter kind: what the line is about, as its first member.
    init(_ kind: String) { add("kind", kind) }

    var text: String { "{" + members + "}" }

    mutating func add(_ name: String, _ value: Int) { add(name, raw: String(value)) }
    mutating func add(_ name: String, _ value: Bool) { add(name, raw: value ? "true" : "false") }
    mutating func add(_ name: String, _ value: String) { add(name, raw: Self.quoted(value)) }

    mutating func add(_ name: String, _ values: [String]) {
        add(name, raw: "[" + values.map(Self.quoted).joined(separator: ",") + "]")
    }

    private mutating func add(_ name: String, raw: String) {
        members += (members.isEmpty ? "\"" : ",\"") + name + "\":" + raw
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
