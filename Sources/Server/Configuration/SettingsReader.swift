/// Takes typed values out of a settings file, and remembers which keys nobody asked for.
struct SettingsReader {
    private let file: String
    private var entries: [String: PropertiesText.Entry] = [:]
    private var order: [String] = []

    init(file: String, _ text: PropertiesText) {
        self.file = file
        for entry in text.entries {
            if entries.updateValue(entry, forKey: entry.key) == nil { order.append(entry.key) }
        }
    }

    /// The entries that were not taken, in the order of the file.
    var remaining: [PropertiesText.Entry] { order.compactMap { entries[$0] } }

    /// An entry that stays to be taken.
    func peek(_ key: String) -> PropertiesText.Entry? { entries[key] }

    mutating func take(_ key: String) -> PropertiesText.Entry? { entries.removeValue(forKey: key) }

    /// The keys that begin with `prefix`, in the order of the file, still to be taken.
    func keys(beginningWith prefix: String) -> [String] {
        order.filter { $0.hasPrefix(prefix) && entries[$0] != nil }
    }

    mutating func text(_ key: String) -> String? { take(key)?.value }

    mutating func requiredText(_ key: String, expecting what: String) throws(ConfigurationError) -> String {
        guard let entry = take(key) else {
            throw ConfigurationError(
                file: file, lineNumber: nil, key: key, problem: "is missing; \(what) is required")
        }
        guard !entry.value.isEmpty else { throw error(entry, expecting: what) }
        return entry.value
    }

    /// A whole number, decimal or (after 0x) hexadecimal.
    mutating func integer(
        _ key: String, in range: ClosedRange<Int>, unit: String
    ) throws(ConfigurationError) -> Int? {
        guard let entry = take(key) else { return nil }
        let value = entry.value
        let number = value.hasPrefix("0x") ? Int(value.dropFirst(2), radix: 16) : Int(value)
        guard let number, range.contains(number) else {
            throw error(
                entry, expecting: "a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func boolean(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let entry = take(key) else { return nil }
        switch entry.value.lowercased() {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw error(entry, expecting: "true or false")
        }
    }

    /// A span of time in hours, or with one of the units ms, s, m, h, d; in milliseconds.
    mutating func duration(hoursIn key: String) throws(ConfigurationError) -> Int? {
        guard let entry = take(key) else { return nil }
        let digits = entry.value.prefix { $0.isNumber }
        let factors = ["": 3_600_000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Int(digits), let factor = factors[String(entry.value.dropFirst(digits.count))],
            number <= Int.max / factor
        else { throw error(entry, expecting: "a number of hours, or a number with ms, s, m, h or d") }
        return number * factor
    }

    /// One of several words; nothing else is right.
    mutating func choice<Value>(
        _ key: String, of values: KeyValuePairs<String, Value>
    ) throws(ConfigurationError) -> Value? {
        guard let entry = take(key) else { return nil }
        guard let match = values.first(where: { $0.key == entry.value }) else {
            let words = values.map { $0.key.isEmpty ? "nothing" : $0.key }.joined(separator: ", ")
            throw error(entry, expecting: "one of \(words)")
        }
        return match.value
    }

    func error(_ entry: PropertiesText.Entry, expecting what: String) -> ConfigurationError {
        ConfigurationError(
            file: file, lineNumber: entry.lineNumber, key: entry.key,
            problem: "\"\(entry.value)\" cannot be used; expected \(what)")
    }
}
