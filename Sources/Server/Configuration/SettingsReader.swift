/// Takes typed values out of all that a server was told, and remembers which keys nobody asked for.
///
/// Every key goes by one name here: that of zoo.cfg, without `zookeeper.` (`SettingNames`). When it was
/// set in several places, the command line goes before the file, and the file before the environment
/// (Apache's server, too, writes what the file says over its Java properties).
package struct SettingsReader {
    /// The file's name, for messages about keys that stand nowhere.
    package let file: String
    private var entries: [String: Setting] = [:]
    private var order: [String] = []
    /// One line each, in the order in which they were found.
    package private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - environment: the weaker first.
    package init(
        file: String, _ text: PropertiesText, environment: [JavaProperties] = [],
        commandLine: JavaProperties? = nil
    ) {
        self.file = file
        for properties in environment {
            for entry in properties.entries where SettingNames.isServerProperty(entry.name) {
                add(entry, of: properties.source)
            }
        }
        for entry in text.entries {
            add(
                Setting(
                    key: SettingNames.key(of: entry.key), writtenKey: entry.key, value: entry.value,
                    origin: .line(entry.lineNumber, file: file)))
        }
        for entry in commandLine?.entries ?? [] { add(entry, of: commandLine?.source ?? "") }
    }

    private mutating func add(_ property: JavaProperties.Entry, of source: String) {
        add(
            Setting(
                key: SettingNames.key(of: property.name), writtenKey: "-D" + property.name,
                value: property.value, origin: .property(of: source)))
    }

    mutating func add(_ setting: Setting) {
        guard let earlier = entries.updateValue(setting, forKey: setting.key) else {
            order.append(setting.key)
            return
        }
        guard earlier.value != setting.value, earlier.origin != setting.origin else { return }
        warn(earlier, "has no effect: \(setting.origin.description) says otherwise")
    }

    // MARK: What is there

    /// The settings that were not taken, in the order in which they were written.
    package var remaining: [Setting] { order.compactMap { entries[$0] } }

    /// A setting that stays to be taken.
    package func peek(_ key: String) -> Setting? { entries[key] }

    package mutating func take(_ key: String) -> Setting? { entries.removeValue(forKey: key) }

    /// The keys that begin with `prefix`, in the order of the file, still to be taken.
    package func keys(beginningWith prefix: String) -> [String] {
        order.filter { $0.hasPrefix(prefix) && entries[$0] != nil }
    }

    // MARK: Messages

    /// Notes one line of warning about a setting.
    package mutating func warn(_ setting: Setting, _ text: String) {
        warnings.append(
            "\(setting.origin.description): \(LogText.escaped(setting.writtenKey)): \(text)")
    }

    package func error(_ setting: Setting, expecting what: String) -> ConfigurationError {
        error(setting, "\"\(setting.shownValue)\" cannot be used; expected \(what)")
    }

    package func error(_ setting: Setting, _ problem: String) -> ConfigurationError {
        ConfigurationError(setting, problem: problem)
    }

    /// A key that had to be there and is not.
    package func missing(_ key: String, _ what: String) -> ConfigurationError {
        ConfigurationError(
            file: file, lineNumber: nil, key: key, problem: "is missing; \(what) is required")
    }
}
