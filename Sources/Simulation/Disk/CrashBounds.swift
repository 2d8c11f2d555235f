/// How many of the states at one crash point are looked at.
package struct CrashBounds: Sendable {
    /// At most so many combinations are tried whole, which is all subsets of 12 units; where there are
    /// more, the chosen families and `randomCount` random ones are.
    package var fullCombinationCount = 4096
    /// Random combinations where there are too many to try all.
    package var randomCount = 256
    /// Pairs of units for the pairwise families.
    package var pairCount = 128
    /// A soft limit of combinations at one crash point, shared by all that the names of files can be.
    package var combinationCountMax = 65_536
    /// Only one state in so many of this depth is followed into its recovery.
    package var followEvery = 1
    /// Only every n-th crash point of a run is looked at (the last always).
    package var pointEvery = 1
    package var seed: UInt64 = 0

    package init() {}

    /// Small enough for crashes inside the recovery of each of many crash states.
    package static var inner: CrashBounds {
        var bounds = CrashBounds()
        bounds.fullCombinationCount = 16
        bounds.randomCount = 4
        bounds.pairCount = 0
        bounds.combinationCountMax = 64
        return bounds
    }
}

/// Walks through the ways to choose one option each at several places.
///
/// Option 0 of a place is the state that is durable for certain, the last one the newest.
struct Combinations {
    /// How many options each place has; at least 2.
    let optionCounts: [Int]
    /// The steps (place, option) in the order in which they were made.
    let steps: [(place: Int, option: Int)]
    let bounds: CrashBounds

    /// Calls `visit` with every combination in bounds, some of them more than once.
    func forEach<Failure: Error>(
        _ random: inout SeededRandom, _ visit: ([Int]) throws(Failure) -> Void
    ) throws(Failure) {
        let fullCount = bounds.fullCombinationCount
        var total = 1
        for count in optionCounts where total <= fullCount { total *= count }
        if total <= fullCount {
            try forAll(visit)
        } else {
            try forFamilies(visit)
            try forPairs(&random, visit)
            try forRandom(&random, visit)
        }
    }

    private var none: [Int] { Array(repeating: 0, count: optionCounts.count) }
    private var all: [Int] { optionCounts.map { $0 - 1 } }

    private func forAll<Failure: Error>(_ visit: ([Int]) throws(Failure) -> Void) throws(Failure) {
        var chosen = none
        while true {
            try visit(chosen)
            guard let place = chosen.indices.first(where: { chosen[$0] + 1 < optionCounts[$0] }) else {
                return
            }
            chosen[place] += 1
            for lower in 0..<place { chosen[lower] = 0 }
        }
    }

    /// None, all, one missing, one present, every prefix and every suffix of what was done.
    private func forFamilies<Failure: Error>(_ visit: ([Int]) throws(Failure) -> Void) throws(Failure) {
        try visit(none)
        try visit(all)
        var chosen = none
        for place in optionCounts.indices {
            for option in 1..<optionCounts[place] {
                chosen[place] = option
                try visit(chosen)
            }
            chosen[place] = 0
        }
        chosen = all
        for place in optionCounts.indices {
            for option in 0..<optionCounts[place] - 1 {
                chosen[place] = option
                try visit(chosen)
            }
            chosen[place] = optionCounts[place] - 1
        }
        chosen = none
        for step in steps {
            chosen[step.place] = step.option
            try visit(chosen)
        }
        for step in steps where step.option == optionCounts[step.place] - 1 {
            chosen[step.place] = 0
            try visit(chosen)
        }
    }

    /// Two present, and two missing.
    private func forPairs<Failure: Error>(
        _ random: inout SeededRandom, _ visit: ([Int]) throws(Failure) -> Void
    ) throws(Failure) {
        let count = optionCounts.count
        let isWhole = count * (count - 1) / 2 <= bounds.pairCount
        var pairs: [(Int, Int)] = []
        if isWhole {
            for first in 0..<count { for second in first + 1..<count { pairs.append((first, second)) } }
        } else {
            for _ in 0..<bounds.pairCount { pairs.append((random.below(count), random.below(count))) }
        }
        let (none, all) = (none, all)
        for (first, second) in pairs {
            var chosen = none
            chosen[first] = all[first]
            chosen[second] = all[second]
            try visit(chosen)
            chosen = all
            chosen[first] = 0
            chosen[second] = 0
            try visit(chosen)
        }
    }

    private func forRandom<Failure: Error>(
        _ random: inout SeededRandom, _ visit: ([Int]) throws(Failure) -> Void
    ) throws(Failure) {
        for _ in 0..<bounds.randomCount {
            // Few, half or most of the changes are missing.
            let density = [1, 4, 7][random.below(3)]
            try visit(
                optionCounts.map { count in
                    random.below(8) < density ? 1 + random.below(count - 1) : 0
                })
        }
    }
}
