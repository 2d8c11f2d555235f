import Sessions

/// The tick, and the bounds between which a session's timeout is agreed on.
extension ServerConfiguration {
    mutating func takeTiming(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let milliseconds = 1...Int(Int32.max)
        let tick = try settings.integer("tickTime", in: milliseconds, unit: "milliseconds") ?? 3000
        let bounds = -1...Int(Int32.max)
        let minimumEntry = settings.peek("minSessionTimeout")
        let maximumEntry = settings.peek("maxSessionTimeout")
        let minimum = try settings.integer("minSessionTimeout", in: bounds, unit: "milliseconds") ?? -1
        let maximum = try settings.integer("maxSessionTimeout", in: bounds, unit: "milliseconds") ?? -1
        let least = minimum > 0 ? minimum : min(tick * 2, milliseconds.upperBound)
        let most = maximum > 0 ? maximum : min(tick * 20, milliseconds.upperBound)
        guard least <= most else {
            throw Self.crossed(minimumEntry, least, maximumEntry, most, settings)
        }
        timeouts = SessionTimeouts(
            tickMilliseconds: Int32(tick), minimumMilliseconds: Int32(least), maximumMilliseconds: Int32(most)
        )
    }

    /// The error of a least timeout that is longer than the longest.
    private static func crossed(
        _ minimumEntry: Setting?, _ least: Int, _ maximumEntry: Setting?, _ most: Int,
        _ settings: SettingsReader
    ) -> ConfigurationError {
        if let minimumEntry {
            let origin = maximumEntry.map(\.origin.shortDescription) ?? "the default, 20 ticks"
            return settings.error(
                minimumEntry,
                "\(least) ms is more than maxSessionTimeout, \(most) ms (\(origin)); expected at most that")
        }
        let problem =
            "\(most) ms is less than minSessionTimeout, \(least) ms (the default, 2 ticks); "
            + "expected at least that"
        if let maximumEntry { return settings.error(maximumEntry, problem) }
        return ConfigurationError(
            file: settings.file, lineNumber: nil, key: "maxSessionTimeout", problem: problem)
    }
}
