/// Reads another file of settings for a key that names one: its lines, or why it cannot be used.
package typealias IncludedFileReader = (_ path: String) throws(UnusableFile) -> PropertiesText

/// Why a file that a setting names cannot be used.
package struct UnusableFile: Error {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

extension SettingsReader {
    /// Puts the server lines of the file that `dynamicConfigFile` names beside those of this one.
    ///
    /// As with Apache ZooKeeper, such lines stand in one of the two files, not in both, and the second
    /// has no `version`. Nothing else is read there.
    mutating func includeDynamicFile(_ read: IncludedFileReader) throws(ConfigurationError) {
        guard let setting = take("dynamicConfigFile") else { return }
        if let stray = keys(beginningWith: "server.").first.flatMap({ peek($0) }) {
            throw error(stray, "must stand in the file that dynamicConfigFile names, \(setting.shownValue)")
        }
        let text: PropertiesText
        do throws(UnusableFile) {
            text = try read(setting.value)
        } catch {
            throw self.error(setting, "\"\(setting.shownValue)\" cannot be used: \(error.reason)")
        }
        for entry in text.entries { try include(entry, of: setting.value) }
    }

    private mutating func include(
        _ entry: PropertiesText.Entry, of file: String
    ) throws(ConfigurationError) {
        let setting = Setting(
            key: SettingNames.key(of: entry.key), writtenKey: entry.key, value: entry.value,
            origin: .line(entry.lineNumber, file: file))
        switch setting.key {
        case "version": throw error(setting, "must not stand in a dynamic file")
        case let key where key.hasPrefix("server."): add(setting)
        case let key where key.hasPrefix("group.") || key.hasPrefix("weight."): break
        default: warn(setting, "is not read here, only server lines are; it has no effect")
        }
    }
}
