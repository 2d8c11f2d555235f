import Disk
import Metadata
import Simulation
import Storage
import Testing
import TransactionLog

/// One disk call fails, and then the next one instead, until a whole run passes untouched.
@Suite struct FailingCallTests {
    struct Failure: Sendable, CustomTestStringConvertible {
        var code: Int32
        var outcome: FailureOutcome
        var testDescription: String { "errno \(code), \(outcome)" }
    }

    static let failures: [Failure] = [
        Failure(code: Errno.inputOutput, outcome: .nothing),
        Failure(code: Errno.inputOutput, outcome: .done),
        Failure(code: Errno.inputOutput, outcome: .dropped),
        Failure(code: Errno.inputOutput, outcome: .kept),
        Failure(code: Errno.inputOutput, outcome: .partly(seed: 7)),
        Failure(code: Errno.noSpace, outcome: .nothing),
        Failure(code: Errno.noSpace, outcome: .partly(seed: 8)),
    ]

    /// Everything a store does, in one run.
    private static func steps(_ run: ScriptRun) throws {
        try run.open()
        try run.append(40, 300)
        try run.promise()
        try run.refreshWatermark()
        for _ in 0..<3 {
            try run.prepare()
            try run.roll()
            try run.snapshot(tail: 1)
        }
        try run.accept(epoch: 2)
        try run.append(40, 40, 40)
        try run.truncate(toRecord: run.expected.records.count - 1)
        try run.open()
        try run.enter(epoch: 2)
        try run.append(900)
        try run.close()
        try run.install(.foreign(epoch: 1, [40, 300]), beginsEpoch: true)
        try run.open()
        try run.append(40)
    }

    @Test(arguments: failures)
    func acknowledgedRecordsSurviveWhicheverCallFails(_ failure: Failure) throws {
        var nth = 0
        while true {
            nth += 1
            let run = ScriptRun(SimulatedDisk(faults: [.fail(nth: nth, code: failure.code, failure.outcome)]))
            do {
                try Self.steps(run)
            } catch {
                #expect(!(error is Broken), "call \(nth): \(error)")
                goOn(run, after: error, nth)
            }
            guard run.disk.faultHits == [1] else { break }
            check(run, nth)
        }
        print("failing calls: \(failure.testDescription), each of \(nth - 1) calls")
        #expect(nth > 300)
    }

    /// The process tries to go on: a log that cannot vouch for its file says so from then on; one that
    /// only found no space takes records as soon as there is some.
    private func goOn(_ run: ScriptRun, after error: any Error, _ nth: Int) {
        guard run.store != nil else { return }
        let isSound = (error as? LogError) == .noSpace
        do {
            try run.append(40)
            try run.append(40)
        } catch {
            #expect(!isSound, "call \(nth): space came back, and still \(error)")
            #expect(throws: (any Error).self) { try run.append(40) }
        }
    }

    /// The process ends, or the power goes: what was acknowledged is there.
    private func check(_ run: ScriptRun, _ nth: Int) {
        var bounds = CrashBounds()
        bounds.fullCombinationCount = 64
        bounds.randomCount = 8
        bounds.pairCount = 8
        let crashed = [run.disk.processCrash()] + run.disk.crashStates(limit: 100, bounds)
        for disk in crashed {
            #expect(throws: Never.self, "call \(nth)") {
                try RecoveryCheck().recover(disk, depth: 1, repeating: true)
            }
        }
    }
}
