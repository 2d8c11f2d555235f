/// Every rule of order or durability that the engine keeps, by name.
///
/// A sync names the rule for which it is made, and code that must do one thing before another asks
/// `Disk.observes`. The kernel's disk observes all of them. The simulated disk can be told to break
/// one: then at least one crash script must fail, which proves that the rule is needed and tested.
package enum DurabilityRule: String, CaseIterable, Sendable {
    // Log
    /// A batch is synced before its records count as durable.
    case batchSynced
    /// A batch promises only what was synced before it was submitted.
    case promiseOnlySynced
    /// A segment's zeroes and header are synced before the segment gets its live name.
    case segmentHeaderSynced
    /// The directory is synced after a segment got its live name, before its first batch.
    case segmentNameSynced
    /// The slots name a new segment before its first batch counts as durable.
    case slotsNameSegment
    /// The slots name a new segment only after its name is durable.
    case segmentBeforeSlots

    // Opening
    /// Every log file is synced before recovery reads it.
    case syncBeforeRead
    /// The log directory is synced before recovery reads it.
    case syncDirectoryBeforeRead
    /// The clean-stop flag is cleared in the slots before the first new batch.
    case cleanFlagCleared
    /// The clean-stop flag is set only after the last batch is durable.
    case cleanFlagAfterLastBatch

    /// The bytes of a torn batch and the name they are kept under are synced before their space is given
    /// back.
    case cutBytesSynced

    // Slots
    /// The first copy of a generation is synced before the second is begun.
    case slotFirstCopySynced
    /// The second copy of a generation is synced before the commit counts.
    case slotSecondCopySynced
    /// A new slot file is complete and synced before it gets its name.
    case slotFileSynced
    /// The directory is synced after the slot file got its name.
    case slotFileNameSynced

    // Truncation
    /// The intent stands in the slots before any file is touched.
    case intentBeforeRename
    /// The records kept from a cut batch are synced in the successor before it gets its name.
    case truncationSuccessorSynced
    /// The directory is synced after later segments were set aside and before the intent is cleared.
    case truncationRenamesSynced
    /// The successor exists before the intent is cleared.
    case successorBeforeIntentCleared

    // Retention
    /// The slots say that a segment is not needed before it is unlinked.
    case slotsBeforeUnlink

    // Snapshots
    /// A snapshot is synced before it gets its live name.
    case snapshotSynced
    /// The directory is synced after a snapshot got its live name, before it counts.
    case snapshotNameSynced
}
