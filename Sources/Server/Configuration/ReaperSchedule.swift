/// How often containers and nodes with a time to live are looked at, and how many go at once.
package struct ReaperSchedule: SettingsGroup, Equatable {
    package var periodMilliseconds = 60_000
    package var countMaxPerMinute = 10_000
    /// How long a container may wait for its first child; 0 is for ever.
    package var neverUsedMillisecondsMax = 0

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let milliseconds = 0...Int(Int32.max)
        if let period = try settings.integer(
            "znode.container.checkIntervalMs", in: 1...Int(Int32.max), unit: "milliseconds")
        {
            periodMilliseconds = period
        }
        if let count = try settings.integer("znode.container.maxPerMinute", in: 1...10_000_000, unit: "nodes")
        {
            countMaxPerMinute = count
        }
        if let most = try settings.integer(
            "znode.container.maxNeverUsedIntervalMs", in: milliseconds, unit: "milliseconds")
        {
            neverUsedMillisecondsMax = most
        }
    }
}
