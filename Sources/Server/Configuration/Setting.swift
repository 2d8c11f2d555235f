/// A setting as somebody wrote it: which key, what value, and where it stands.
package struct Setting: Equatable, Sendable {
    /// The key by which this server knows it; what was written may be another name of it.
    package var key: String
    package var writtenKey: String
    package var value: String
    package var origin: SettingOrigin

    /// The value for messages: never a secret, never longer than a line should be.
    package var shownValue: String { SecretKeys.contains(key) ? Secret.mask : LogText.escaped(value) }
}

/// What anybody may see of a setting; a secret is not in it.
package struct ShownSetting: Equatable, Sendable {
    package let key: String
    package let writtenKey: String
    package let value: String

    init(_ setting: Setting) {
        key = setting.key
        writtenKey = setting.writtenKey
        value = setting.shownValue
    }
}

/// Where a setting stands, for messages.
package enum SettingOrigin: Equatable, Sendable {
    case line(Int, file: String)
    /// Among the Java properties of an environment variable or a command line, by the name of that.
    case property(of: String)

    /// `zoo.cfg, line 3`, or `SERVER_JVMFLAGS`.
    package var description: String {
        switch self {
        case .line(let number, let file): "\(file), line \(number)"
        case .property(let source): source
        }
    }

    /// Short, for a reader who knows the file.
    package var shortDescription: String {
        switch self {
        case .line(let number, _): "line \(number)"
        case .property(let source): source
        }
    }
}
