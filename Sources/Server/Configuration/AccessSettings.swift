/// Who may do what.
package struct AccessSettings: SettingsGroup {
    /// No access list is checked at all.
    package var skipsACL = false

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let skips = try settings.boolean("skipACL") { skipsACL = skips }
    }
}
