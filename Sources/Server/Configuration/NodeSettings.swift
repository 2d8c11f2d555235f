/// What kinds of nodes there may be, how many, and what records say about them.
package struct NodeSettings: SettingsGroup, Equatable {
    /// Nodes with a time to live.
    package var extendedTypesEnabled = false
    /// Changes beyond a quota's hard limit are refused, those beyond a soft one logged.
    package var enforcesQuotas = false
    /// Records carry the digest of the tree that they lead to.
    package var recordsDigests = true
    /// The record of a session's end names the nodes that go with it.
    package var listsNodesOfClosedSessions = true
    /// A server without peers has no membership to change; this only decides how it says so.
    package var isReconfigEnabled = false

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let enabled = try settings.boolean("extendedTypesEnabled") { extendedTypesEnabled = enabled }
        if let enforces = try settings.boolean("enforceQuota") { enforcesQuotas = enforces }
        if let records = try settings.boolean("digest.enabled") { recordsDigests = records }
        if let lists = try settings.boolean("closeSessionTxn.enabled") { listsNodesOfClosedSessions = lists }
        if let enabled = try settings.boolean("reconfigEnabled") { isReconfigEnabled = enabled }
    }
}
