import Jute

extension DataTree {
    /// Whether somebody with these identities holds every permission on the root, by one entry of its access
    /// list or by several: what copying or replacing the whole tree asks for.
    package func mayDoEverythingAtRoot(_ identities: [Identity]) -> Bool {
        let acl = nodes[Self.rootID].pointee.acl
        return [Permissions.read, .write, .create, .delete, .admin].allSatisfy {
            isAllowed($0, by: acl, to: identities)
        }
    }
}
