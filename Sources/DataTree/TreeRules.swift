/// Settings that change what the tree allows.
package struct TreeRules: Sendable {
    /// Whether nodes with a time to live may be created (`zookeeper.extendedTypesEnabled`).
    package var areExtendedTypesEnabled = false
    /// Whether changes beyond a quota are refused, or told of (`zookeeper.enforceQuota`). Counted is anyway.
    package var enforcesQuotas = false
    /// Whether records carry the digest of the tree that they lead to (`zookeeper.digest.enabled`).
    package var recordsDigests = true
    /// Whether the record of a session's end names the nodes that go with it
    /// (`zookeeper.closeSessionTxn.enabled`).
    package var listsNodesOfClosedSessions = true
    /// Whether access lists are not looked at (`skipACL`).
    package var skipsAccessChecks = false
    /// Whether somebody who may not read learns not even which nodes exist (`acl.hideExistence`).
    package var hidesExistence = false
    /// How identities are proved, and which match which.
    package var authentication = AuthenticationRules()

    /// Access lists that a client's own identities make longer than this are refused, bytes.
    package var accessListByteCountMax = 1 << 20
    /// A multi whose record becomes longer than this is refused, bytes. The log must take such a record.
    package var multiByteCountMax = 12 << 20
    /// A multiRead whose results become longer than this fails, bytes: each item may ask for a megabyte.
    package var multiReadByteCountMax = 16 << 20
    /// A list of names that becomes longer than this fails, bytes. More than 2 GiB fit into no reply.
    package var listReplyByteCountMax = 64 << 20

    package init() {}
}
