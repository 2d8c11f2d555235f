import Identifiers
import Metadata

/// What recovery found at the end of the log (docs/recovery.md has the same names and letters).
package enum LogVerdict: Equatable, Sendable {
    /// The log ends at a batch boundary and nothing stands behind it.
    case clean
    /// A write was under way and nothing promises it: it was never acknowledged and may be cut.
    case torn(LogDefect)
    /// Promised batches are damaged and later ones are intact: never cut.
    case damagedMiddle(LogDefect, evidence: Evidence, lastIntact: Zxid, nextIntact: Zxid?)
    /// Promised batches are missing or damaged at the end: never cut.
    case suspectTail(LogDefect, evidence: Evidence, lastIntact: Zxid)

    /// Why a batch that is not there must have been durable.
    package enum Evidence: String, Sendable {
        /// A later batch of the segment says so.
        case laterBatch = "a"
        /// The successor's header declares an end beyond it.
        case successor = "b"
        /// The slots name a position beyond it, or a segment that is missing.
        case slots = "c"
        /// The segment was sealed behind it.
        case seal = "d"
        /// The damage is in a header, which is durable before a segment gets its name.
        case header = "e"
        /// A snapshot holds records beyond it.
        case snapshot = "f"
        /// The file is shorter than it was when it got its name.
        case size = "g"
    }

    /// Whether a server may go on with the log by itself.
    package var isSafe: Bool {
        switch self {
        case .clean, .torn: true
        case .damagedMiddle, .suspectTail: false
        }
    }

    /// The place of the damage; nil if the verdict is safe.
    package var damage: LogDefect? {
        switch self {
        case .clean, .torn: nil
        case .damagedMiddle(let defect, _, _, _), .suspectTail(let defect, _, _): defect
        }
    }

    /// The same verdict, with the last record that was found to be whole.
    func reaching(_ lastIntact: Zxid) -> LogVerdict {
        switch self {
        case .clean, .torn: self
        case .damagedMiddle(let defect, let evidence, _, let next):
            .damagedMiddle(defect, evidence: evidence, lastIntact: lastIntact, nextIntact: next)
        case .suspectTail(let defect, let evidence, _):
            .suspectTail(defect, evidence: evidence, lastIntact: lastIntact)
        }
    }

    package var name: String {
        switch self {
        case .clean: "CLEAN"
        case .torn: "TORN"
        case .damagedMiddle: "DAMAGED-MIDDLE"
        case .suspectTail: "SUSPECT-TAIL"
        }
    }
}

extension LogVerdict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .clean:
            name
        case .torn(let defect):
            "\(name): an unacknowledged batch at \(defect)"
        case .damagedMiddle(let defect, let evidence, let last, let next):
            "\(name) (evidence \(evidence.rawValue)): acknowledged records after zxid \(last)"
                + (next.map { " and before zxid \($0)" } ?? "") + " are damaged at \(defect)"
        case .suspectTail(let defect, let evidence, let last):
            "\(name) (evidence \(evidence.rawValue)): acknowledged records after zxid \(last) are missing at \(defect)"
        }
    }
}
