import Disk
import Simulation
import Testing

/// The proof of the proof: a disk that breaks one rule of order or durability must be noticed.
///
/// It counts only if a state then breaks an invariant, not if a script cannot go on or a call fails.
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
        print("mutant count: \(DurabilityRule.allCases.count), \(survivors.count) survive")
        #expect(survivors == [])
        #expect(DurabilityRule.allCases.count >= 15)
    }

    /// The rules that play a part in each script, as far as it is not crashed.
    private static let rulesMet: [Set<DurabilityRule>] = LogScript.all.map { script in
        do {
            return try script.record().reduce(into: []) { $0.formUnion($1.rulesMet) }
        } catch {
            return []
        }
    }

    /// All scripts; first those in which the rule plays a part, which most often notice.
    private static func scripts(for rule: DurabilityRule) -> [LogScript] {
        let near = LogScript.all.indices.filter { rulesMet[$0].contains(rule) }
        let far = LogScript.all.indices.filter { !rulesMet[$0].contains(rule) }
        return (near + far).map { LogScript.all[$0] }
    }

    /// The first script that notices, short ones first; in a few states of each, and then in more.
    private static func catcher(of rule: DurabilityRule) -> (LogScript, String)? {
        for explorer in Effort.mutantExplorers {
            for script in scripts(for: rule) {
                for disk in script.record(breaking: rule) {
                    let report = explorer.explore(disk) { try check($0) }
                    if let found = report.violations.first {
                        return (script, "\(found.error), \(found.points.joined(separator: ", then "))")
                    }
                }
            }
        }
        return nil
    }

    private static func check(_ state: CrashState) throws {
        do {
            try RecoveryCheck()(state)
        } catch let broken as Broken where broken.invariant != nil {
            throw broken
        } catch {
            // A call that fails breaks no promise yet.
        }
    }
}
