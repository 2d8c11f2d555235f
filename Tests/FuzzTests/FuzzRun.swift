import CFuzzAllocations
import Foundation
import Simulation
import Testing

/// Every decoder of bytes from outside, fed with noise and with valid input that was changed a little.
///
/// A round depends on its target's name and its seed alone. When the process dies or hangs, the last line
/// says which round it was; `AVIARY_FUZZ_TARGET=... AVIARY_FUZZ_SEED=...` repeats it.
@Suite(.serialized) struct FuzzTests {}

/// A decoder did what none may do.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws unless `condition` holds.
func demand(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(otherwise()) }
}

/// Runs the rounds of targets.
enum FuzzRun {
    /// A round that takes longer is a hang; a machine that is busy with other things takes its time.
    private static let roundSecondsMax: UInt32 = 60
    private static let reportedMax = 3

    private static func number(_ names: String...) -> UInt64? {
        names.lazy.compactMap { ProcessInfo.processInfo.environment[$0] }.compactMap { UInt64($0) }.first
    }

    private static let environment = ProcessInfo.processInfo.environment
    private static let onlyTarget = environment["AVIARY_FUZZ_TARGET"]
    private static let onlySeed = number("AVIARY_FUZZ_SEED", "AVIARY_SEED")
    private static let roundsWanted = number("AVIARY_FUZZ_ROUNDS")

    /// How many rounds are made of a number that suits one core for its part of a minute.
    private static func rounds(_ usual: Int) -> Int {
        if let roundsWanted { return Int(clamping: roundsWanted) }
        if environment["AVIARY_LONG"] == "1" || environment["AVIARY_EFFORT"] == "long" { return usual * 20 }
        if environment["AVIARY_EFFORT"] == "quick" { return max(1, usual / 10) }
        return usual
    }

    /// Calls `round` with a new random sequence as often as the effort says.
    static func target(_ name: String, rounds usual: Int, _ round: (inout SeededRandom) throws -> Void) {
        if let onlyTarget, onlyTarget != name { return }
        if let onlySeed {
            _ = one(name, onlySeed, round)
            return
        }
        var failures = 0
        for number in 0..<rounds(usual) where failures < reportedMax {
            let seed = SeededRandom.mix(hash(name) &+ UInt64(number))
            if !one(name, seed, round) { failures += 1 }
        }
    }

    private static func one(
        _ name: String, _ seed: UInt64, _ round: (inout SeededRandom) throws -> Void
    ) -> Bool {
        cfuzz_begin(name, seed, roundSecondsMax)
        defer { cfuzz_end() }
        var random = SeededRandom(seed: seed)
        do {
            try round(&random)
            return true
        } catch {
            Issue.record("AVIARY_FUZZ_TARGET=\(name) AVIARY_FUZZ_SEED=\(seed): \(error)")
            return false
        }
    }

    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Memory beyond twice the input that any one call may hold, for errors, headers and small tables.
    static let spareByteCount = 16 * 1024

    /// What a thrown error takes, where a decoder takes nothing else.
    static let errorByteCount = 512

    /// Runs `body` and throws if it held more than `byteCount` bytes at one time beyond what was held.
    static func holding(atMost byteCount: Int, _ body: () throws -> Void) throws {
        cfuzz_mark()
        try body()
        let peak = cfuzz_peak()
        try demand(peak <= Int64(byteCount), "\(peak) bytes were held, at most \(byteCount) may be")
    }

    /// As `holding(atMost:)`, for an input of so many bytes: twice that and a constant.
    static func decoding(_ inputByteCount: Int, _ body: () throws -> Void) throws {
        try holding(atMost: 2 * inputByteCount + spareByteCount, body)
    }
}
