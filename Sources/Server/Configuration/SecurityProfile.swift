/// How much may be left open.
package enum SecurityProfile: Sendable {
    /// What ZooKeeper leaves open; the start says so.
    case compatible
    /// Nothing: a server with an open surface does not start.
    case secure

    /// Takes `security.profile`, which judges everything that was taken before it.
    static func judge(
        _ configuration: ServerConfiguration, _ settings: inout SettingsReader
    ) throws(ConfigurationError) {
        guard let entry = settings.peek("security.profile") else { return }
        let profiles: KeyValuePairs<String, SecurityProfile> = ["compatible": .compatible, "secure": .secure]
        guard try settings.choice("security.profile", of: profiles) == .secure,
            let first = configuration.openSurfaces.first
        else { return }
        throw settings.error(entry, "does not allow this: \(first.advice)")
    }
}
