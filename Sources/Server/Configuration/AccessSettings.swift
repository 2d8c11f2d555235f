/// Who may do what.
package struct AccessSettings: SettingsGroup {
    /// No access list is checked at all.
    package var skipsACL = false
    /// Who may not read learns not even whether a node is there.
    package var hidesExistence = false

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let skips = try settings.boolean("skipACL") { skipsACL = skips }
        if let hides = try settings.boolean("acl.hideExistence") { hidesExistence = hides }
    }
}
