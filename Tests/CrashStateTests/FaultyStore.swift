import Disk
import Identifiers
import Metadata
import Simulation
import Snapshots
import Storage
import Testing
import TransactionLog

/// A store that was made by a script and is now damaged.
struct FaultyStore {
    let disk: SimulatedDisk
    let expected: Expectation

    /// Runs the steps; the process then ends without a clean stop.
    init(breaking rules: Set<DurabilityRule> = [], _ steps: (ScriptRun) throws -> Void) throws {
        let run = ScriptRun(SimulatedDisk(breaking: rules))
        try steps(run)
        disk = run.disk.processCrash()
        expected = run.expected
    }

    /// The same files again, to be damaged in another way.
    func copy() -> SimulatedDisk { disk.processCrash() }

    /// Live segments, oldest first.
    var segments: [String] { disk.paths.filter { $0.contains("/seg-") } }

    func zxid(_ number: Int) -> Zxid { number == 0 ? .zero : expected.records[number - 1].zxid }

    /// What opening answers; if it refuses, everything is as it was but prepared segments, which hold nothing.
    static func verdict(of disk: SimulatedDisk) throws -> LogVerdict {
        func kept() -> [[UInt8]?] {
            disk.paths.filter { $0.hasSuffix(".zkl") && !$0.contains("/prep-") }.map { disk.contents(of: $0) }
        }
        let before = kept()
        do {
            return try OpenStore(on: disk, seed: 50).storage.report.log.recovery.verdict
        } catch StorageError.refused(let verdict, _) {
            if before != kept() { throw Broken("a refusal changed files") }
            return verdict
        }
    }

    /// Opens the damaged disk and demands every record.
    @discardableResult
    func openWhole(_ disk: SimulatedDisk) throws -> StorageReport {
        let store = try OpenStore(on: disk, seed: 51)
        guard try RecoveryCheck.check(store.records, against: expected) == expected.records.count else {
            throw Broken("records are missing")
        }
        return store.storage.report
    }
}

extension LogVerdict {
    /// The zxids between which records are damaged; nil if the verdict is another one.
    var damagedRange: [Zxid?]? {
        if case .damagedMiddle(_, _, let last, let next) = self { [last, next] } else { nil }
    }

    var suspectEvidence: Evidence? {
        if case .suspectTail(_, let evidence, _) = self { evidence } else { nil }
    }

    var reason: LogDefect.Reason? {
        switch self {
        case .clean: nil
        case .torn(let defect), .damagedMiddle(let defect, _, _, _), .suspectTail(let defect, _, _):
            defect.reason
        }
    }
}
