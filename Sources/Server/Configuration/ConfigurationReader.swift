/// Reads a zoo.cfg, and the Java properties given beside it.
extension ServerConfiguration {
    /// The settings of a file's text, and a line of warning for each key that has no effect.
    ///
    /// - Parameters:
    ///   - file: the name for messages.
    ///   - environment: Java properties that count where the file says nothing, the weaker first.
    ///   - commandLine: Java properties that count whatever the file says.
    ///   - included: reads a file that a setting names.
    package static func reading(
        _ text: PropertiesText, file: String, environment: [JavaProperties] = [],
        commandLine: JavaProperties? = nil, included: IncludedFileReader = Self.readingNothing
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, warnings: [String]) {
        var settings = SettingsReader(file: file, text, environment: environment, commandLine: commandLine)
        try settings.includeDynamicFile(included)
        let given = settings.remaining.map(ShownSetting.init)
        var configuration = ServerConfiguration(
            dataDirectory: try settings.requiredText("dataDir", expecting: "the path of the data directory"),
            clientPort: nil)
        configuration.given = given
        try configuration.take(&settings)
        for setting in settings.remaining {
            if let reason = KeysWithoutEffect.reason(setting.key) { settings.warn(setting, reason) }
        }
        return (configuration, settings.warnings)
    }

    /// For whoever has no files.
    package static func readingNothing(_ path: String) throws(UnusableFile) -> PropertiesText {
        throw UnusableFile(reason: "there are no other files here")
    }

    /// One line a group. A group that needs another's values comes behind it.
    private mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        try servers.take(&settings)
        try takeNetwork(&settings)
        try takeTiming(&settings)
        try takeStorage(&settings)
        try admission.take(&settings)
        try connectionThrottle.take(&settings)
        try requestThrottle.take(&settings)
        try access.take(&settings)
        // In front of the group that takes the keys of TLS: it only looks whether there is a port for that.
        try authentication.take(&settings)
        try tls.take(&settings)
        try nodes.take(&settings)
        try reaper.take(&settings)
        var fixed = FixedSettings()
        try fixed.take(&settings)
        try watchCatchUp.take(&settings)
        try audit.take(&settings)
        try admin.take(&settings)
        try metrics.take(&settings)
        try SecurityProfile.judge(self, &settings)
    }
}
