import Jute

/// Who may do what.
extension DataTree {
    /// Whether any of `permissions` is granted to somebody with these identities.
    @inline(__always)
    func isAllowed(_ permissions: Permissions, by acl: UInt32, to identities: [Identity]) -> Bool {
        if rules.skipsAccessChecks || accessLists.isOpen(acl, for: permissions) { return true }
        return rules.authentication.isAllowed(permissions, by: accessLists.entries(acl), to: identities)
    }

    @inline(__always)
    func require(
        _ permissions: Permissions, by acl: UInt32, to identities: [Identity]
    ) throws(ErrorCode) {
        guard isAllowed(permissions, by: acl, to: identities) else { throw .noAuth }
    }

    /// Whether a connection may be told of an event: always, unless it has a restriction.
    package func mayReceive(_ event: WatchEvent, identities: [Identity]) -> Bool {
        guard let entries = event.restriction else { return true }
        return rules.authentication.isAllowed(.read, by: entries, to: identities)
    }

    /// Takes an access list that somebody wants a node to have: duplicates dropped, `auth` replaced by
    /// the identities that the writer has proved.
    ///
    /// - Returns: its id, with one more use, which the caller gives back.
    /// - Throws: invalidACL for an empty list, an unknown scheme or an id that its scheme refuses.
    mutating func internRequested(
        _ encoded: RawSpan, by identities: [Identity]
    ) throws(ErrorCode) -> UInt32 {
        guard let asGiven = accessLists.intern(encoded) else { throw .invalidACL }
        if accessLists.isAcceptable(asGiven) { return asGiven }
        let entries = accessLists.entries(asGiven)
        accessLists.release(asGiven)
        let resolved = try rules.authentication.resolve(entries, by: identities)
        var bytes: [UInt8] = []
        AccessList.encode(resolved, into: &bytes)
        guard bytes.count <= rules.accessListByteCountMax else { throw .invalidACL }
        guard let id = accessLists.intern(bytes.span.bytes) else { throw .invalidACL }
        return id
    }
}

extension AuthenticationRules {
    /// Whether any of `permissions` is granted by a list to somebody with these identities. An empty list
    /// grants everything; so do all lists to `super`.
    func isAllowed(
        _ permissions: Permissions, by entries: [AccessEntry], to identities: [Identity]
    ) -> Bool {
        if entries.isEmpty || identities.contains(where: { $0.scheme == "super" }) { return true }
        return entries.contains { entry in
            guard !entry.permissions.isDisjoint(with: permissions) else { return false }
            if entry.identity == .anyone { return true }
            return identities.contains { isMatch($0, entry.identity) }
        }
    }

    fileprivate func resolve(
        _ entries: [AccessEntry], by identities: [Identity]
    ) throws(ErrorCode) -> [AccessEntry] {
        var seen: Set<AccessEntry> = []
        var resolved: [AccessEntry] = []
        for entry in entries where seen.insert(entry).inserted {
            if entry.identity.scheme == "auth" {
                let proven = identities.filter { isProof($0.scheme) }
                guard !proven.isEmpty else { throw .invalidACL }
                resolved += proven.map { AccessEntry(entry.permissions, $0) }
            } else {
                guard isValid(entry.identity) else { throw .invalidACL }
                resolved.append(entry)
            }
        }
        guard !resolved.isEmpty else { throw .invalidACL }
        return resolved
    }
}
