import Glibc

/// How long seeded suites may run; `AVIARY_EFFORT` is quick, normal or long, `AVIARY_SEED` names one seed.
enum Effort {
    static func seeds(quick: Int, normal: Int, long: Int) -> [UInt64] {
        if let text = getenv("AVIARY_SEED"), let seed = UInt64(String(cString: text)) { return [seed] }
        let effort = getenv("AVIARY_EFFORT").map { String(cString: $0) }
        let count = effort == "quick" ? quick : effort == "long" ? long : normal
        return (0..<UInt64(count)).map { $0 }
    }
}
