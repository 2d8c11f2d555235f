/// Settings that belong together: a value of its own in `ServerConfiguration`, its keys read in its own
/// file. The value without any setting is the default.
package protocol SettingsGroup: Sendable {
    /// Takes the group's keys; leaves all others alone.
    mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError)
}
