import Simulation
import Testing

extension LogScript {
    static let all = appending + rolling + opening + truncating + snapshots + installing + failing
}

/// The proof: every script, crashed everywhere in every way within the bounds.
@Suite struct CrashStateTests {
    @Test func everyCrashStateOfEveryScriptIsRecovered() {
        let clock = ContinuousClock()
        let start = clock.now
        var total = CrashReport()
        for script in LogScript.all {
            let report = Self.explore(script)
            for violation in report.violations { Issue.record("\(script.name): \(violation)") }
            total.add(report)
        }
        let depths = total.stateCountByDepth
        print(
            """
            crash states: \(LogScript.all.count) scripts, \(total.pointCount) crash points, \
            \(total.combinationCount) combinations
            crash states: \(total.stateCount) distinct states, \
            by depth \(depths.map(String.init).joined(separator: " + ")), \
            \(total.processCrashCount) of them process crashes
            crash states: \(total.checkCount) recoveries checked, \(total.violationCount) violations, \
            \(start.duration(to: clock.now))
            """)
        #expect(LogScript.all.count >= 40)
        #expect(Set(LogScript.all.map(\.name)).count == LogScript.all.count)
        #expect(total.stateCount >= Effort.current.stateCountMin)
        #expect(depths.count > 1 && depths[1] > total.stateCount / 10)
    }

    private static func explore(_ script: LogScript) -> CrashReport {
        var report = CrashReport()
        do {
            for disk in try script.record() {
                report.add(Effort.current.explorer.explore(disk) { try RecoveryCheck()($0) })
            }
        } catch {
            Issue.record("\(script.name) did not run: \(error)")
        }
        print("\(script.name): states \(report.stateCountByDepth), combinations \(report.combinationCount)")
        return report
    }
}
