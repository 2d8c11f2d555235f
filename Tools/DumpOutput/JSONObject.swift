/// Builds the text of a JSON object, its members in the order in which they are added.
package struct JSONObject {
    private var members = ""

    package init() {}

    package var text: String { "{\(members)}" }

    package mutating func add(_ name: String, _ value: Int) { add(name, raw: String(value)) }
    package mutating func add(_ name: String, _ value: Bool) { add(name, raw: value ? "true" : "false") }
    package mutating func add(_ name: String, _ value: String) { add(name, raw: Self.quoted(value)) }
    package mutating func add(_ name: String, _ object: JSONObject) { add(name, raw: object.text) }

    /// A number that is no whole one, to two places.
    package mutating func add(_ name: String, rounded value: Double) {
        add(name, raw: String((value * 100).rounded() / 100))
    }

    package mutating func add(_ name: String, strings: [String]) {
        add(name, raw: "[" + strings.map(Self.quoted).joined(separator: ",") + "]")
    }

    package mutating func add(_ name: String, objects: [JSONObject]) {
        add(name, raw: "[" + objects.map(\.text).joined(separator: ",") + "]")
    }

    private mutating func add(_ name: String, raw: String) {
        if !members.isEmpty { members += "," }
        members += Self.quoted(name) + ":" + raw
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
