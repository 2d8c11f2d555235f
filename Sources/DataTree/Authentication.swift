import Jute

/// What auth requests prove.
package enum Authentication {
    /// The identities that an auth request gives its connection; nil when it fails (AuthFailed, then close).
    ///
    /// `digest` takes `user:password`; `ip` and `world` prove nothing new.
    package static func identities(
        scheme: RawSpan, data: RawSpan, rules: TreeRules
    ) -> [Identity]? { nil }

    /// The identity that every connection holds from the start.
    package static func identity(address: String) -> Identity { Identity(scheme: "ip", id: address) }
}
