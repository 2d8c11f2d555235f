import Disk
import Identifiers
import Metadata
import Snapshots
import TransactionLog

/// Making a received snapshot the store's only history: a commit in the slots, then renames that are redone
/// at start until they are finished. Nothing of the old history is read or overwritten.
struct SnapshotInstallation<D: Disk> {
    let snapshots: SnapshotDirectory<D>
    let slots: MetadataSlots<D>
    let logPath: String

    private var disk: D { snapshots.disk }
    private var replacement: LogReplacement<D> { LogReplacement(logPath, on: disk) }

    /// Decides for the snapshot. It is installed as far as any start is concerned when this returns; call
    /// `finish`, or open the store, to bring the files in line.
    ///
    /// A truncation or installation that is not finished is superseded.
    ///
    /// - Parameter beginsEpoch: what is written next belongs to an epoch later than any that this store or
    ///   the snapshot has seen.
    func decide(_ snapshot: ReceivedSnapshot<D>, beginsEpoch: Bool) throws {
        // What the last installation kept is not kept for ever.
        try snapshots.removeReplaced()
        let end = snapshot.end.zxid
        let base = try replacement.base(after: end, slots.metadata)
        let name = try snapshots.adopt(snapshot, storeID: slots.metadata.storeID)
        if !disk.observes(.installationBeforeRename) { try snapshots.publish(name) }
        try slots.commit { metadata in
            let highest = max(metadata.acceptedEpoch, metadata.currentEpoch, end.epoch)
            if beginsEpoch {
                metadata.currentEpoch = Epoch(rawValue: highest.rawValue + 1)
                metadata.acceptedEpoch = metadata.currentEpoch
            } else {
                metadata.currentEpoch = max(metadata.currentEpoch, end.epoch)
                metadata.acceptedEpoch = max(metadata.acceptedEpoch, end.epoch)
            }
            metadata.beginLog(at: base)
            metadata.installation = InstallationIntent(
                startZxid: name.startZxid, generation: name.generation)
            metadata.snapshots = [
                SnapshotEntry(
                    name, snapshot.end, byteCount: snapshot.byteCount,
                    footerChecksum: snapshot.footerChecksum)
            ]
        }
    }

    /// Does what the slots have decided; harmless when there is nothing to do or half of it is done.
    ///
    /// Returns where the snapshot is now; nil if none was being installed.
    @discardableResult
    func finish() throws -> String? {
        guard let intent = slots.metadata.installation else { return nil }
        if !disk.observes(.installedBeforeIntentCleared) { try clear() }
        let name = SnapshotName(intent)
        try snapshots.publish(name)
        try replacement.setAside(slots.metadata)
        try clear()
        return snapshots.path + "/" + name.fileName
    }

    private func clear() throws(MetadataError) { try slots.commit { $0.installation = nil } }
}
