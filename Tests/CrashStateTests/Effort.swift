import Glibc
import Simulation

/// How far the proof goes. `AVIARY_EFFORT` is quick, normal (also if unset) or long; `AVIARY_LONG=1`
/// is the same as long.
enum Effort: String {
    case quick, normal, long

    static let current: Effort = {
        if variable("AVIARY_LONG") == "1" { return .long }
        return variable("AVIARY_EFFORT").flatMap(Effort.init) ?? .normal
    }()

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    /// For the scripts of the proof.
    var explorer: CrashExplorer {
        var first = CrashBounds()
        var second = CrashBounds.inner
        switch self {
        case .quick:
            first.fullCombinationCount = 256
            first.randomCount = 32
            first.followEvery = 256
        case .normal:
            second.fullCombinationCount = 128
            second.randomCount = 32
            second.combinationCountMax = 256
        case .long:
            first.fullCombinationCount = 16_384
            second.fullCombinationCount = 512
            second.randomCount = 96
            second.combinationCountMax = 1024
        }
        return CrashExplorer([first, second])
    }

    /// For mutants, of which one violation is enough: a quick look, and a closer one.
    static var mutantExplorers: [CrashExplorer] {
        var quick = CrashBounds.inner
        quick.followEvery = 16
        var close = CrashBounds()
        close.fullCombinationCount = 256
        close.randomCount = 64
        close.followEvery = 16
        return [quick, close].map { first in
            var explorer = CrashExplorer([first, .inner])
            explorer.stopsAtFirstViolation = true
            return explorer
        }
    }

    /// The fewest states that all scripts together must come to.
    var stateCountMin: Int {
        switch self {
        case .quick: 100_000
        case .normal: 1_000_000
        case .long: 2_000_000
        }
    }
}
