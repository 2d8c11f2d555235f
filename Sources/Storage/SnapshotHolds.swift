import Snapshots
import Synchronization

/// The snapshots that somebody reads and that no purge may take meanwhile, from any thread.
package final class SnapshotHolds: Sendable {
    private let counts = Mutex<[SnapshotName: Int]>([:])

    var names: Set<SnapshotName> { counts.withLock { Set($0.keys) } }

    /// Once for each `release`.
    package func hold(_ name: SnapshotName) { counts.withLock { $0[name, default: 0] += 1 } }

    package func release(_ name: SnapshotName) {
        counts.withLock { counts in
            let left = (counts[name] ?? 0) - 1
            counts[name] = left > 0 ? left : nil
        }
    }
}
