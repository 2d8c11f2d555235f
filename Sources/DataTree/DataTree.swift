import Identifiers
import Jute

/// The znodes, who watches them, and the rules of changing them. Pure: time, randomness and
/// identifiers come in as arguments, records and replies go out as bytes.
///
/// Writes take two steps. `prepare` checks a request against the tree and the changes in flight and
/// makes its record; `apply` takes a committed record, changes the tree and says which watches fire.
///
/// In memory a node is 104 bytes in a slab, one block with its name and data, and a slot in an index
/// by the hash of its full path. Children are linked through their nodes.
package struct DataTree: ~Copyable {
    package let rules: TreeRules
    /// Moves when a whole record has been applied.
    package internal(set) var lastAppliedZxid = Zxid.zero
    /// ZooKeeper's digest, version 2: the sum of the nodes' CRC-32, modulo two to the 64.
    package internal(set) var digest: UInt64 = 0
    var digests = DigestHistory()
    /// The bytes of all nodes' paths and data.
    package internal(set) var dataByteCount = 0
    /// Names without a node: parents that an image has not brought (yet). 0 after a whole load and replay.
    package internal(set) var placeholderCount = 0

    let hash: SeededHash
    var nodes = Slab<Node>(chunkShift: 12)
    var blocks = BlockArena()
    var index = HashIndex()
    var accessLists: AccessTable
    var ephemerals = EphemeralIndex()
    /// Containers and nodes with a time to live.
    var expirables = IDSet()
    /// Parents that lost children to a record without their paths, and its zxid; see `Image`.
    var unlistedDeletions: [[UInt8]: Zxid] = [:]
    /// Of nodes below the root that have grandchildren: how many nodes are below their children.
    var grandchildCounts: [UInt32: UInt32] = [:]
    var quotas: QuotaTable
    /// The last change that went beyond a quota, and how many did; for the log and for figures.
    package internal(set) var lastQuotaExcess: QuotaExcess?
    package internal(set) var quotaExcessCount: UInt64 = 0
    package internal(set) var counts: TreeCounts
    var pending: PendingChanges
    var watches: WatchTable
    /// Hashes of paths, then ids of nodes, that will be looked up soon; see `LookingAhead`.
    var expected: [UInt32] = []

    static let rootID: UInt32 = 1

    /// A tree that holds the reserved nodes only.
    ///
    /// - Parameter hashSeed: random, so that nobody can choose paths that collide.
    package init(hashSeed: UInt64, rules: TreeRules = TreeRules()) {
        self.rules = rules
        accessLists = AccessTable(rules.authentication)
        hash = SeededHash(seed: hashSeed)
        counts = TreeCounts(hash: hash)
        quotas = QuotaTable(hash: hash)
        pending = PendingChanges()
        watches = WatchTable(hash: hash)
        makeReservedNodes()
    }

    /// Nodes, the root and the reserved ones included.
    package var nodeCount: Int { nodes.count - placeholderCount }
    package var ephemeralCount: Int { ephemerals.count }
    /// Paths that have a quota.
    package var quotaCount: Int { quotas.count }
    /// Sessions that own ephemeral nodes.
    package var ephemeralOwnerCount: Int { ephemerals.ownerCount }
    /// Memory taken from the system for nodes, names, data and the index, used or not.
    package var reservedByteCount: Int {
        nodes.reservedByteCount + blocks.reservedByteCount + index.reservedByteCount
    }
}
