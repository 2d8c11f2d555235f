/// A value that must not be read by anybody who reads the log: a password, a digest that opens everything.
///
/// However it is printed, it prints as `***`; only `revealed` gives it out.
package struct Secret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    static let mask = "***"

    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Keys whose values are secrets, so that no message about them shows the value.
enum SecretKeys {
    private static let parts = ["password", "passwd", "superdigest", "secret", "credential"]

    /// Keys that end in `passwordPath` name a file, and a path is no secret.
    static func contains(_ key: String) -> Bool {
        let key = key.lowercased()
        return !key.hasSuffix("passwordpath") && parts.contains { key.contains($0) }
    }
}
