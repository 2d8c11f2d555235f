/// A set of node ids, one bit for each id there is: 125 KB a million nodes, whatever is in it.
///
/// It can be walked in pieces while it changes: what is in it all the time is met once.
struct IDSet {
    private var words: [UInt64] = []
    private(set) var count = 0

    mutating func insert(_ id: UInt32) {
        let (word, bit) = Self.place(of: id)
        if word >= words.count {
            // Not one by one: nodes are made in the order of their ids.
            words.reserveCapacity(max(word + 1, words.count * 2))
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        guard words[word] & bit == 0 else { return }
        words[word] |= bit
        count += 1
    }

    mutating func remove(_ id: UInt32) {
        let (word, bit) = Self.place(of: id)
        guard word < words.count, words[word] & bit != 0 else { return }
        words[word] &= ~bit
        count -= 1
    }

    /// The least id that is in the set and not below `id`; nil if there is none.
    func first(from id: UInt32) -> UInt32? {
        let (start, bit) = Self.place(of: id)
        guard start < words.count else { return nil }
        // The bits from the one of `id` on.
        var word = words[start] & ~(bit &- 1)
        var index = start
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index]
        }
        return UInt32(index * UInt64.bitWidth + word.trailingZeroBitCount)
    }

    private static func place(of id: UInt32) -> (word: Int, bit: UInt64) {
        (Int(id) / UInt64.bitWidth, 1 << (UInt64(id) % UInt64(UInt64.bitWidth)))
    }
}
