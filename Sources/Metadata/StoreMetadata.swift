import ByteCoding
import Identifiers

/// What a server must never forget, beside its log and snapshots: one generation of the metadata slots.
package struct StoreMetadata: Equatable, Sendable {
    /// Given at creation; every file of the store carries it.
    package var storeID: UInt128
    package var serverID = ServerID(rawValue: 0)
    /// Counts how often the store was opened for writing. Another process's number means two writers.
    package var incarnation: UInt64 = 0

    /// Never falls (ZAB, discovery phase).
    package var acceptedEpoch = Epoch(rawValue: 0)
    /// Never falls, and never rises before the history of its epoch is durable (ZAB, synchronisation).
    package var currentEpoch = Epoch(rawValue: 0)

    /// Segments below this one are no longer needed and may be gone.
    package var firstNeededSegment: UInt64 = 0
    /// The newest segment that may hold acknowledged batches; 0 if there is none yet.
    package var newestSegment: UInt64 = 0
    /// A position up to which the log is known to be durable. The log may be longer.
    package var watermark = LogPosition.start
    /// The log ends exactly at the watermark and was not written since.
    package var isCleanStop = false

    /// A truncation that has been decided and may not be finished.
    package var truncation: TruncationIntent?
    /// A snapshot that takes the place of everything before it, and whose files may not be in order yet.
    /// Never beside a truncation.
    package var installation: InstallationIntent?
    /// Verified snapshots, newest first.
    package var snapshots: [SnapshotEntry] = []

    /// The most snapshots that are remembered.
    package static let snapshotCountMax = 8

    package init(storeID: UInt128) { self.storeID = storeID }

    /// Whether every number is one that can be counted to; see `LogPosition.numberMax`.
    var isPlausible: Bool {
        let positions = [watermark, truncation?.cut ?? watermark]
        let numbers = [incarnation, firstNeededSegment, newestSegment, truncation?.successor ?? 0]
        return positions.allSatisfy(\.isPlausible) && numbers.allSatisfy { $0 <= LogPosition.numberMax }
            && acceptedEpoch.isPlausible && currentEpoch.isPlausible
            && (truncation == nil || installation == nil)
    }
}

/// The decision to forget everything after a zxid. It stands as soon as it is in the slots.
package struct TruncationIntent: Equatable, Sendable {
    /// The last zxid that is kept.
    package var lastKeptZxid: Zxid
    /// The end of the last batch that is kept whole.
    package var cut: LogPosition
    /// The segment in which the log goes on; it begins with the kept records of a divided batch.
    package var successor: UInt64

    package init(lastKeptZxid: Zxid, cut: LogPosition, successor: UInt64) {
        self.lastKeptZxid = lastKeptZxid
        self.cut = cut
        self.successor = successor
    }
}

/// The decision that a received snapshot is the store's only history: the log is empty and goes on after it.
/// It stands as soon as it is in the slots, which say in the same commit where the log begins anew.
package struct InstallationIntent: Equatable, Sendable {
    /// What the snapshot is called.
    package var startZxid: Zxid
    package var generation: UInt32

    package init(startZxid: Zxid, generation: UInt32) {
        self.startZxid = startZxid
        self.generation = generation
    }
}

/// A snapshot that was read back and verified.
package struct SnapshotEntry: Equatable, Sendable {
    /// The zxid at which the walk over the tree began.
    package var startZxid: Zxid
    /// The zxid whose state loading the snapshot gives, exactly.
    package var endZxid: Zxid
    package var generation: UInt32
    package var byteCount: UInt64
    package var footerChecksum: UInt32
    /// ZooKeeper's tree digest, version 2, at `endZxid`.
    package var treeDigest: UInt64

    package init(
        startZxid: Zxid, endZxid: Zxid, generation: UInt32, byteCount: UInt64, footerChecksum: UInt32,
        treeDigest: UInt64
    ) {
        self.startZxid = startZxid
        self.endZxid = endZxid
        self.generation = generation
        self.byteCount = byteCount
        self.footerChecksum = footerChecksum
        self.treeDigest = treeDigest
    }
}
