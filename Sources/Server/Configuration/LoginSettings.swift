/// SASL users from a JAAS file, as Apache's server reads it.
extension AuthenticationSettings {
    private static let fileKey = "java.security.auth.login.config"
    private static let sectionKey = "sasl.serverconfig"
    private static let moduleSuffix = ".DigestLoginModule"

    mutating func takeLogins(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let superPassword = settings.secret("SASLAuthenticationProvider.superPassword")
        let section = settings.text(Self.sectionKey) ?? "Server"
        guard let entry = settings.take(Self.fileKey) else { return }
        let path = Self.path(entry.value)
        let bytes = try Self.bytes(of: path, entry, settings)
        let logins: LoginConfiguration
        do throws(LoginConfiguration.Defect) {
            logins = try LoginConfiguration(bytes)
        } catch {
            throw ConfigurationError(
                file: path, lineNumber: error.lineNumber, key: nil, problem: error.problem)
        }
        guard let modules = logins.sections[section] else {
            settings.warn(entry, "the JAAS file has no section named \(section): nobody can log in by SASL")
            return
        }
        if let other = modules.first(where: { !$0.className.hasSuffix(Self.moduleSuffix) }) {
            throw ConfigurationError(
                file: path, lineNumber: nil, key: section,
                problem: "the login module \(LogText.escaped(other.className)) cannot be used; expected "
                    + "org.apache.zookeeper.server.auth.DigestLoginModule (Kerberos is not offered)")
        }
        var users = SASLUsers(modules)
        if let superPassword { users.replaceSuperPassword(superPassword.revealed) }
        saslUsers = users
    }

    private static func bytes(
        of path: String, _ entry: Setting, _ settings: SettingsReader
    ) throws(ConfigurationError) -> [UInt8] {
        do throws(TextFile.Problem) {
            return try TextFile.contents(of: path)
        } catch {
            throw settings.error(entry, "\(LogText.escaped(path)): \(error.reason); expected a JAAS file")
        }
    }

    /// Java takes URLs, too, and a second = that makes the file the only one.
    private static func path(_ text: String) -> String {
        var path = text[...]
        if path.hasPrefix("=") { path = path.dropFirst() }
        if path.hasPrefix("file://") { path = path.dropFirst("file://".count) }
        if path.hasPrefix("file:") { path = path.dropFirst("file:".count) }
        return String(path)
    }
}
