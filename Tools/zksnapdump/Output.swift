import DumpOutput

/// Gathers lines, as text or as one JSON object each, and writes them to standard output.
final class Output {
    let isJSON: Bool
    private var buffer = OutputBuffer()

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Prints a line: the text, or the object, as was asked for.
    func line(_ text: @autoclosure () -> String, _ object: @autoclosure () -> JSONObject) {
        buffer.write((isJSON ? object().text : text()) + "\n")
    }

    /// What is wrong goes to standard error in text, and into the stream in JSON.
    func problem(_ path: String, _ text: String, _ outcome: Outcome) {
        if isJSON {
            var object = JSONObject("problem")
            object.add("file", path)
            object.add("exitCode", Int(outcome.rawValue))
            object.add("text", text)
            buffer.write(object.text + "\n")
        } else {
            flush()
            OutputBuffer.note("zksnapdump: \(text)")
        }
    }

    func flush() { buffer.flush() }
}

extension JSONObject {
    /// - Parameter kind: what the line is about, as its first member.
    init(_ kind: String) {
        self.init()
        add("kind", kind)
    }
}
