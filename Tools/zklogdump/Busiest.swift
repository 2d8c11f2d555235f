/// Counts how often each of many keys was seen, and knows the most frequent ones.
///
/// Exact for up to `keyCountMax` different keys. Of more, those seen least so far are forgotten from time
/// to time, so that memory stays bounded; counts are then lower bounds, and `isExact` is false.
struct Busiest<Key: Hashable & Comparable> {
    struct Tally {
        var recordCount = 0
        var byteCount = 0
    }

    private let keyCountMax: Int
    private var tallies: [Key: Tally] = [:]
    private(set) var isExact = true

    init(keyCountMax: Int = 200_000) { self.keyCountMax = keyCountMax }

    /// How many different keys were seen; of inexact counts, how many are remembered.
    var keyCount: Int { tallies.count }

    mutating func note(_ key: Key, byteCount: Int) {
        tallies[key, default: Tally()].recordCount += 1
        tallies[key, default: Tally()].byteCount += byteCount
        if tallies.count > keyCountMax { forgetHalf() }
    }

    /// The keys seen most often, the most frequent first, equally frequent ones in order.
    func top(_ count: Int) -> [(key: Key, tally: Tally)] {
        let sorted = tallies.sorted { left, right in
            left.value.recordCount != right.value.recordCount
                ? left.value.recordCount > right.value.recordCount : left.key < right.key
        }
        return sorted.prefix(count).map { ($0.key, $0.value) }
    }

    private mutating func forgetHalf() {
        isExact = false
        let kept = top(keyCountMax / 2)
        tallies = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.tally) })
    }
}
