import Disk
import Simulation
import Testing

/// The proof of the proof: a disk that breaks one rule of order or durability must be noticed.
@Suite struct MutantTests {
    @Test func everyBrokenRuleIsNoticedByAScript() {
        var survivors: [DurabilityRule] = []
        for rule in DurabilityRule.allCases {
            if let (script, how) = Self.catcher(of: rule) {
                print("mutant \(rule.rawValue) -> \(script.name) (\(how))")
            } else {
                print("mutant \(rule.rawValue) SURVIVES")
                survivors.append(rule)
            }
        }
        #expect(survivors == [])
        #expect(DurabilityRule.allCases.count >= 15)
    }

    /// The first script that notices, short ones first.
    private static func catcher(of rule: DurabilityRule) -> (LogScript, String)? {
        for script in LogScript.all {
            do {
                for disk in try script.record(breaking: [rule]) {
                    let report = Effort.mutantExplorer.explore(disk) { try RecoveryCheck()($0) }
                    if let found = report.violations.first {
                        return (script, "\(found.points.joined(separator: ", then ")): \(found.error)")
                    }
                }
            } catch {
                return (script, "does not run: \(error)")
            }
        }
        return nil
    }
}
