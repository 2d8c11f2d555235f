/// Every rule of order or durability that the engine keeps, by name: one for each place in the code.
///
/// A sync names the rule for which it is made, and code that must do one thing before another asks
/// `Disk.observes`. The kernel's disk observes all of them. The simulated disk can be told to break
/// one: then at least one crash script must fail, which proves that the rule is needed and tested.
package enum DurabilityRule: String, CaseIterable, Sendable {
    // Log
    /// A batch is synced before its records count as durable.
    case batchSynced
    /// An idle promise is synced before anything counts on it.
    case promiseSynced
    /// The mark of a clean stop is synced before the slots speak of it.
    case stopMarkSynced
    /// A footer and its seal are synced before the successor declares where they end.
    case footerSynced
    /// A batch promises only what was synced before it was submitted.
    case promiseOnlySynced
    /// A segment's zeroes, and so its size, are synced before it gets its live name.
    case segmentZeroesSynced
    /// A segment's header is synced before it gets its live name.
    case segmentHeaderSynced
    /// The directory is synced after a segment got its live name in a roll, before its first batch.
    case rolledNameSynced
    /// The slots name the segment of a roll before its first batch counts as durable.
    case slotsNameRolledSegment
    /// The slots name the segment of a roll only after its name is durable.
    case rolledNameBeforeSlots

    // Opening
    /// The slot file is synced before it is read.
    case slotsSyncedBeforeRead
    /// Every log file is synced before recovery reads it.
    case segmentsSyncedBeforeRead
    /// The log directory is synced before recovery reads it.
    case namesSyncedBeforeRead
    /// Log files are read from the disk, not from what a failed sync left in the page cache.
    case cacheDroppedBeforeRead
    /// The directory is synced after the segment of a new incarnation got its live name.
    case openedNameSynced
    /// The slots name the segment of a new incarnation before its first batch counts as durable.
    case slotsNameOpenedSegment
    /// The slots name the segment of a new incarnation only after its name is durable.
    case openedNameBeforeSlots
    /// The clean-stop flag is cleared in the slots before the first new batch.
    case cleanFlagCleared
    /// The clean-stop flag is set only after the last batch is durable.
    case cleanFlagAfterLastBatch
    /// A copy of a header that was mended is synced before it is called mended.
    case headerMendingSynced
    /// The bytes of a torn batch are synced before their space is given back.
    case cutBytesSynced
    /// So is the name under which they are kept.
    case cutNameSynced

    // Directories
    /// The parent of a directory is synced after it was made, also if an earlier process made it.
    case directoryNameSynced

    // Slots
    /// The first copy of a generation is synced before the second is begun.
    case slotFirstCopySynced
    /// The second copy of a generation is synced before the commit counts.
    case slotSecondCopySynced
    /// A copy of the slots that was mended is synced before it is called mended.
    case slotMendingSynced
    /// A new slot file is complete and synced before it gets its name.
    case slotFileSynced
    /// The directory is synced after the slot file got its name.
    case slotFileNameSynced

    // Truncation
    /// Every log file is synced before a truncation decides what to keep of it.
    case segmentsSyncedBeforeTruncation
    /// The intent stands in the slots before any file is touched.
    case intentBeforeRename
    /// The zeroes of the successor, and so its size, are synced before it gets its live name.
    case successorZeroesSynced
    /// So is its header.
    case successorHeaderSynced
    /// The records kept from a cut batch are synced in the successor before it gets its name.
    case keptRecordsSynced
    /// The log directory is synced after the successor got its name and later segments were set aside,
    /// before the intent is cleared.
    case truncationRenamesSynced
    /// The snapshot directory is synced after later snapshots were set aside, before the intent is cleared.
    case truncatedSnapshotsSynced
    /// The successor exists before the intent is cleared.
    case successorBeforeIntentCleared

    // Installing a snapshot
    /// A received snapshot is synced under its new header before the slots decide for it.
    case installedSnapshotSynced
    /// So is the name under which it is kept until it is published.
    case installedTemporaryNameSynced
    /// The decision stands in the slots before any live name is touched.
    case installationBeforeRename
    /// The snapshot directory is synced after the snapshot got its live name and others lost theirs, before
    /// the decision is cleared.
    case installedNamesSynced
    /// The log directory is synced after the old segments were set aside, before the decision is cleared.
    case replacedSegmentsSynced
    /// The snapshot has its live name before the decision is cleared.
    case installedBeforeIntentCleared

    // Retention
    /// The slots say that a segment is not needed before it is unlinked.
    case slotsBeforeUnlink
    /// The directory is synced after files were removed that nobody needs.
    case removalsSynced

    // Snapshots
    /// A snapshot is synced before it gets its live name.
    case snapshotSynced
    /// The directory is synced after a snapshot got its live name, before it counts.
    case snapshotNameSynced
    /// The directory is synced after damaged snapshots were set aside.
    case quarantineSynced
}
