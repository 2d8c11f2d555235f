import Identifiers
import Snapshots
import Storage

/// A finished snapshot whose file stays as long as this value does.
package final class HeldSnapshot: Sendable {
    package let path: String
    /// What it ends at.
    package let zxid: Int64
    private let name: SnapshotName
    private let holds: SnapshotHolds

    init(_ name: SnapshotName, path: String, zxid: Zxid, holds: SnapshotHolds) {
        self.path = path
        self.zxid = zxid.rawValue
        self.name = name
        self.holds = holds
        holds.hold(name)
    }

    deinit { holds.release(name) }
}

/// Why somebody who asked for a snapshot gets none.
package struct NoSnapshotError: Error, Sendable, CustomStringConvertible {
    package let description: String

    static let ending = NoSnapshotError(description: "the server ends")
}
