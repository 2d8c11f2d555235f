/// Settings that change what the tree allows.
package struct TreeRules: Sendable {
    /// Whether nodes with a time to live may be created (`zookeeper.extendedTypesEnabled`).
    package var areExtendedTypesEnabled = false
    /// Whether access lists are not looked at (`skipACL`).
    package var skipsAccessChecks = false
    /// `user:base64` of whom nothing is forbidden (`DigestAuthenticationProvider.superDigest`).
    package var superDigest: String?

    package init() {}
}
