import Glibc

/// A generator that repeats itself from a seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// How long seeded suites may run; `AVIARY_EFFORT` is quick, normal or long, `AVIARY_SEED` names one seed.
enum Effort {
    static func seeds(quick: Int, normal: Int, long: Int) -> [UInt64] {
        if let text = getenv("AVIARY_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
        let effort = getenv("AVIARY_EFFORT").map { String(cString: $0) }
        let count = effort == "quick" ? quick : effort == "long" ? long : normal
        return (0..<UInt64(count)).map { $0 }
    }
}
