/// Builds the text of a JSON object, field by field.
struct JSONObject {
    private var fields = ""

    var text: String { "{\(fields)}" }

    mutating func add(_ name: String, _ value: Int64) { add(name, raw: String(value)) }
    mutating func add(_ name: String, _ value: Bool) { add(name, raw: value ? "true" : "false") }
    mutating func add(_ name: String, _ value: String) { add(name, raw: Self.quoted(value)) }

    mutating func add(_ name: String, strings: [String]) {
        add(name, raw: "[" + strings.map(Self.quoted).joined(separator: ",") + "]")
    }

    mutating func add(_ name: String, objects: [JSONObject]) {
        add(name, raw: "[" + objects.map(\.text).joined(separator: ",") + "]")
    }

    mutating func add(_ name: String, object: JSONObject) { add(name, raw: object.text) }

    private mutating func add(_ name: String, raw: String) {
        if !fields.isEmpty { fields += "," }
        fields += Self.quoted(name) + ":" + raw
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
