import Identifiers
import Jute

/// The znodes, who watches them, and the rules of changing them. Pure: time, randomness and
/// identifiers come in as arguments, records and replies go out as bytes.
///
/// Writes take two steps. `prepare` checks a request against the tree and the changes in flight and
/// makes its record; `apply` takes a committed record, changes the tree and says which watches fire.
package struct DataTree: ~Copyable {
    package let rules: TreeRules
    package private(set) var lastAppliedZxid = Zxid.zero
    package private(set) var digest: UInt64 = 0
    package private(set) var nodeCount = 0

    /// A tree that holds the reserved nodes only.
    ///
    /// - Parameter hashSeed: random, so that nobody can choose paths that collide.
    package init(hashSeed: UInt64, rules: TreeRules = TreeRules()) { self.rules = rules }
}
