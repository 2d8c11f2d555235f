/// What the start of the server took.
struct StartFigures: Sendable {
    /// Milliseconds for opening the store, loading the snapshot and applying the log behind it.
    var allMilliseconds: UInt64 = 0
    /// Milliseconds for the snapshot alone; nil if there is none.
    var snapshotMilliseconds: UInt64?
    /// Milliseconds for the log behind the snapshot.
    var replayMilliseconds: UInt64 = 0
    /// Records of the log that were behind the snapshot.
    var replayedRecordCount = 0
}
