import Simulation
import Testing

/// The proof: every script, crashed everywhere in every way within the bounds.
@Suite struct CrashStateTests {
    @Test func everyCrashStateOfEveryScriptIsRecovered() throws {
        let clock = ContinuousClock()
        let start = clock.now
        var total = CrashReport()
        for script in LogScript.all {
            let begin = clock.now
            var report = CrashReport()
            do {
                for disk in try script.record() {
                    report.add(Effort.explorer.explore(disk) { try RecoveryCheck()($0) })
                }
            } catch {
                Issue.record("\(script.name) did not run: \(error)")
            }
            let seconds = begin.duration(to: clock.now)
            print("\(script.name): \(report.stateCountByDepth) states, \(report.checkCount) checks, \(report.combinationCount) combinations, \(seconds)")
            for violation in report.violations { Issue.record("\(script.name): \(violation)") }
            total.add(report)
        }
        print("total \(total.stateCountByDepth) \(total.stateCount) states, \(start.duration(to: clock.now))")
    }
}

enum Effort {
    static var explorer: CrashExplorer {
        var first = CrashBounds()
        first.followEvery = 64
        return CrashExplorer([first, .inner])
    }
}

extension LogScript {
    static let all = appending + rolling + opening + truncating + snapshots + failing
}
