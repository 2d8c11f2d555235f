/// The kinds of values.
extension SettingsReader {
    package mutating func text(_ key: String) -> String? { take(key)?.value }

    /// A password or the like: kept so that nothing prints it.
    package mutating func secret(_ key: String) -> Secret? { take(key).map { Secret($0.value) } }

    package mutating func requiredText(
        _ key: String, expecting what: String
    ) throws(ConfigurationError) -> String {
        guard let entry = take(key) else { throw missing(key, what) }
        guard !entry.value.isEmpty else { throw error(entry, expecting: what) }
        return entry.value
    }

    /// A whole number, decimal or (after 0x) hexadecimal.
    package mutating func integer(
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

    /// A number, with a decimal point or without.
    package mutating func decimal(
        _ key: String, in range: ClosedRange<Double>
    ) throws(ConfigurationError) -> Double? {
        guard let entry = take(key) else { return nil }
        guard let number = Double(entry.value), range.contains(number) else {
            throw error(entry, expecting: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func boolean(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let entry = take(key) else { return nil }
        switch entry.value.lowercased() {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw error(entry, expecting: "true or false")
        }
    }

    /// A span of time in hours, or with one of the units ms, s, m, h, d; in milliseconds.
    package mutating func duration(hoursIn key: String) throws(ConfigurationError) -> Int? {
        guard let entry = take(key) else { return nil }
        let digits = entry.value.prefix { $0.isNumber }
        let factors = ["": 3_600_000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Int(digits), let factor = factors[String(entry.value.dropFirst(digits.count))],
            number <= Int.max / factor
        else { throw error(entry, expecting: "a number of hours, or a number with ms, s, m, h or d") }
        return number * factor
    }

    /// A number of bytes, or with one of the units KB, MB, GB (of 1024 each), in capitals or not.
    package mutating func byteCount(
        _ key: String, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let entry = take(key) else { return nil }
        let digits = entry.value.prefix { $0.isASCII && $0.isNumber }
        let unit = entry.value.dropFirst(digits.count).drop { $0 == " " }.uppercased()
        let factors = ["": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30]
        guard let number = Int(digits), let factor = factors[unit], number <= Int.max / factor,
            range.contains(number * factor)
        else {
            throw error(
                entry,
                expecting: "a number of bytes, or one with KB, MB or GB, from \(range.lowerBound) to "
                    + "\(range.upperBound) bytes")
        }
        return number * factor
    }

    /// One of several words; nothing else is right.
    package mutating func choice<Value>(
        _ key: String, of values: KeyValuePairs<String, Value>
    ) throws(ConfigurationError) -> Value? {
        guard let entry = take(key) else { return nil }
        guard let match = values.first(where: { $0.key == entry.value }) else {
            let words = values.map { $0.key.isEmpty ? "nothing" : $0.key }.joined(separator: ", ")
            throw error(entry, expecting: "one of \(words)")
        }
        return match.value
    }
}
