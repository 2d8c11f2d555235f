/// Who may log in by SASL, and the passwords. Never printed.
package struct SASLUsers: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    private var passwords: [String: String]

    package init(passwords: [String: String] = [:]) { self.passwords = passwords }

    /// The `user_NAME` options of a section's modules.
    init(_ modules: [LoginConfiguration.Module]) {
        passwords = [:]
        for (key, value) in modules.flatMap(\.options) where key.hasPrefix(Self.optionPrefix) {
            passwords[String(key.dropFirst(Self.optionPrefix.count))] = value
        }
    }

    private static let optionPrefix = "user_"
    /// The user whose password a setting may replace.
    private static let superUser = "super"

    package var count: Int { passwords.count }

    /// Nil for a user that there is not.
    func password(of user: String) -> String? {
        guard let index = passwords.index(forKey: user), passwords[index].key.utf8.elementsEqual(user.utf8)
        else { return nil }
        return passwords[index].value
    }

    /// Gives `super` another password, if there is such a user.
    mutating func replaceSuperPassword(_ password: String) {
        if passwords[Self.superUser] != nil { passwords[Self.superUser] = password }
    }

    package var description: String { "\(passwords.count) users" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
