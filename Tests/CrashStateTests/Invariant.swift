import Metadata
import Storage
import TransactionLog

/// What must hold after every recovery (docs/crash-states.md).
enum Invariant: String, Sendable {
    /// Every acknowledged record is there.
    case acknowledged = "I1"
    /// No other record is there, and a batch is whole or not there.
    case submitted = "I2"
    case order = "I3"
    case epochs = "I4"
    /// Crashes alone never look like damage.
    case noFalseAlarm = "I8"
    /// What snapshots and log hold is the whole history.
    case history = "I9"
    case repeatable = "I10"
    case bytes = "I12"
    /// What was purged or set aside does not come back.
    case removed = "I13"
}

/// A promise that was not kept.
struct Broken: Error, CustomStringConvertible {
    /// Nil if it is the script that is wrong.
    var invariant: Invariant?
    var description: String

    init(_ description: String) { self.description = description }

    init(_ invariant: Invariant, _ description: String) {
        self.invariant = invariant
        self.description = "\(invariant.rawValue): \(description)"
    }

    /// A store that does not open although nothing happened to it but crashes; nil if it is not the store
    /// that refuses, but a call that failed.
    init?(refusal error: StorageError) {
        switch error {
        case .refused, .metadataMissing, .metadata(.damaged), .metadata(.incompatible), .log(.damaged):
            self.init(.noFalseAlarm, "refused: \(error)")
        case .noStart, .gap, .log(.purged):
            self.init(.history, "refused: \(error)")
        case .disk, .locked, .metadata, .log:
            return nil
        }
    }
}
