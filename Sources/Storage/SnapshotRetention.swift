import Disk
import Identifiers
import Metadata
import Snapshots
import TransactionLog

/// Which snapshots and how much log are kept. Used by the thread that writes snapshots.
package struct SnapshotRetention<D: Disk>: Sendable {
    let snapshots: SnapshotDirectory<D>
    let slots: MetadataSlots<D>
    let tail: LogTail
    let logPath: String
    let retainCount: Int
    /// Snapshots that somebody reads.
    package let holds = SnapshotHolds()

    /// What a purge removed.
    package struct Purged: Sendable {
        package var snapshotNames: [String]
        package var segmentCount: Int
    }

    /// Lists a verified snapshot in the slots, then removes what is no longer needed.
    ///
    /// Only verified snapshots count. As long as fewer than the wanted number exist, no log is removed,
    /// so that the loss of all of them can be made good from the log.
    ///
    /// - Parameter pause: sleeps so many nanoseconds between two steps of a removal.
    package func register(
        _ snapshot: VerifiedSnapshot, pause: (_ nanoseconds: UInt64) -> Void = { _ in }
    ) throws(StorageError) -> Purged {
        let keepCount = min(
            max(retainCount, SnapshotDirectory<D>.verifiedCountMin), StoreMetadata.snapshotCountMax)
        let entry = SnapshotEntry(
            snapshot.name, snapshot.end, byteCount: snapshot.byteCount,
            footerChecksum: snapshot.footerChecksum)
        do {
            try slots.commit { metadata in
                // Listed twice it would count twice, and log would go that the others need.
                metadata.snapshots.removeAll {
                    $0.startZxid == entry.startZxid && $0.generation == entry.generation
                }
                metadata.snapshots.insert(entry, at: 0)
                metadata.snapshots.sort { $0.endZxid > $1.endZxid }
                metadata.snapshots.removeLast(max(0, metadata.snapshots.count - keepCount))
            }
        } catch {
            throw .metadata(error)
        }
        return try purge(keepCount: keepCount, pause)
    }

    private func purge(
        keepCount: Int, _ pause: (_ nanoseconds: UInt64) -> Void
    ) throws(StorageError) -> Purged {
        let kept = slots.metadata.snapshots
        let verified = Set(kept.map { SnapshotName($0) })
        guard kept.count >= keepCount, let oldest = kept.map(\.startZxid).min() else {
            return Purged(snapshotNames: [], segmentCount: 0)
        }
        let removed: [String]
        do {
            removed = try snapshots.removeOldest(
                retainCount: keepCount, verified: verified, held: holds.names, pause: pause)
            try snapshots.removeReplaced(pause: pause)
        } catch {
            throw .disk(error)
        }
        do {
            let count = try TransactionLog.purge(
                upTo: oldest, tail: tail, slots: slots, directory: logPath, on: snapshots.disk,
                pause: pause)
            return Purged(snapshotNames: removed, segmentCount: count)
        } catch {
            throw .log(error)
        }
    }
}
