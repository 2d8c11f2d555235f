/// What kinds of nodes there may be.
package struct NodeSettings: SettingsGroup, Equatable {
    /// Nodes with a time to live.
    package var extendedTypesEnabled = false

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let enabled = try settings.boolean("extendedTypesEnabled") { extendedTypesEnabled = enabled }
    }
}
