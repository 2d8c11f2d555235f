/// Switches of Apache's server that stand here in one position for good. The other one is not refused,
/// since files that worked should go on working, but it gets a line that says what happens instead.
struct FixedSettings: SettingsGroup {
    private struct Switch {
        let key: String
        let position: Bool
        let reason: String
    }

    private static let switches = [
        Switch(
            key: "forceSync", position: true,
            reason: "every write is synced before it is acknowledged; no has no effect"),
        Switch(
            key: "serializeLastProcessedZxid.enabled", position: true,
            reason: "a snapshot always says up to which zxid it reaches; false has no effect"),
        Switch(
            key: "db.autocreate", position: true,
            reason: "a data directory in which nothing ever was is always begun; false has no effect"),
    ]

    mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        for one in Self.switches {
            let setting = settings.peek(one.key)
            guard let position = try settings.boolean(one.key), let setting, position != one.position
            else { continue }
            settings.warn(setting, one.reason)
        }
    }
}
