/// Whether and how far a client that comes back is told what its persistent watches missed.
package struct WatchCatchUpSettings: SettingsGroup, Equatable {
    package var isOn = true
    /// Events for one client; with more to tell none of them is told.
    package var eventCountMax = 10_000
    /// Bytes of log that are read for one client.
    package var logByteCountMax = 256 << 20
    /// How long reading may take for one client, in milliseconds.
    package var millisecondsMax = 2000

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let isOn = try settings.boolean("watches.catchUp") { self.isOn = isOn }
        if let count = try settings.integer("watches.catchUp.events", in: 1...1_000_000, unit: "events") {
            eventCountMax = count
        }
        if let count = try settings.integer("watches.catchUp.megabytes", in: 1...65_536, unit: "MiB of log") {
            logByteCountMax = count << 20
        }
        if let count = try settings.integer(
            "watches.catchUp.milliseconds", in: 1...60_000, unit: "milliseconds")
        {
            millisecondsMax = count
        }
    }
}
