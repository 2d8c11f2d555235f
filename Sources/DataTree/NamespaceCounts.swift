/// What is counted by namespace: the name that a path begins with, a child of the root.
///
/// Bounded, however many such children there are or were: beyond `countMax` names, and for names that are
/// longer than a label should be, everything is counted together. Costs a request some nanoseconds: one
/// hash of the name, one comparison.
package struct NamespaceCounts: Sendable {
    package static let countMax = 100
    package static let nameByteCountMax = 255
    /// For whatever has no place of its own. No namespace has it: a name holds no slash.
    package static let others = "/others"

    /// Amounts that were noted: how many, their sum, the least and the greatest.
    package struct Amounts: Sendable, Equatable {
        package private(set) var count: UInt64 = 0
        package private(set) var sum: UInt64 = 0
        package private(set) var least: UInt64 = 0
        package private(set) var greatest: UInt64 = 0

        package init() {}

        @inline(__always)
        mutating func note(_ amount: UInt64) {
            if amount < least || count == 0 { least = amount }
            if amount > greatest { greatest = amount }
            count &+= 1
            sum &+= amount
        }
    }

    private struct Namespace: Sendable {
        var name: [UInt8]
        var amounts = Amounts()
    }

    /// More than twice as many as names, so that a search ends soon.
    private static let slotCount = 256

    private let hash: SeededHash
    /// By name's hash: places in `namespaces`; 0 marks an empty slot.
    private var slots = [UInt8](repeating: 0, count: slotCount)
    /// The first is for the others.
    private var namespaces = [Namespace(name: [])]

    init(hash: SeededHash) { self.hash = hash }

    /// Adds to the namespace of a path; to none for the root.
    mutating func note(_ path: RawSpan, amount: Int) {
        let end = Self.nameEnd(path)
        guard end > 1 else { return }
        let place = place(of: path.extracting(1..<end))
        namespaces[place].amounts.note(UInt64(truncatingIfNeeded: max(amount, 0)))
    }

    /// Where the path's first name ends.
    @inline(__always)
    private static func nameEnd(_ path: RawSpan) -> Int {
        var end = 1
        while end < path.byteCount, Path.byte(path, end) != Path.slash { end &+= 1 }
        return min(end, path.byteCount)
    }

    private mutating func place(of name: RawSpan) -> Int {
        guard name.byteCount <= Self.nameByteCountMax else { return 0 }
        var slot = Int(hash(name) & UInt32(Self.slotCount - 1))
        while slots[slot] != 0 {
            let place = Int(slots[slot])
            if isName(name, at: place) { return place }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        guard namespaces.count <= Self.countMax else { return 0 }
        slots[slot] = UInt8(namespaces.count)
        namespaces.append(Namespace(name: name.withUnsafeBytes { [UInt8]($0) }))
        return namespaces.count - 1
    }

    @inline(__always)
    private func isName(_ name: RawSpan, at place: Int) -> Bool {
        namespaces[place].name.withUnsafeBytes { known in
            known.count == name.byteCount && name.withUnsafeBytes { $0.isEqual(to: known) }
        }
    }

    /// All that something was noted for, in the order in which they came; the others last.
    package var all: [(name: String, amounts: Amounts)] {
        var all = namespaces.dropFirst().map { (String(decoding: $0.name, as: UTF8.self), $0.amounts) }
        if namespaces[0].amounts.count > 0 { all.append((Self.others, namespaces[0].amounts)) }
        return all
    }
}

/// What a tree counts for whoever looks after the server. No rule depends on it.
package struct TreeCounts: Sendable {
    /// Bytes of reads that found a node, as ZooKeeper estimates them.
    package internal(set) var reads: NamespaceCounts
    /// Bytes of paths and data that creations, deletions and new data had.
    package internal(set) var writes: NamespaceCounts
    /// Changes that a hard limit of a quota refused.
    package internal(set) var quotaRefusals: NamespaceCounts
    package internal(set) var timedNodesCreated: UInt64 = 0
    package internal(set) var timedNodesDeleted: UInt64 = 0

    /// A read sends the node's stat, too.
    static let statByteCount = 68

    init(hash: SeededHash) {
        reads = NamespaceCounts(hash: hash)
        writes = NamespaceCounts(hash: hash)
        quotaRefusals = NamespaceCounts(hash: hash)
    }
}

extension DataTree {
    /// Counts from nothing: what was applied before is not this server's traffic.
    package mutating func resetCounts() { counts = TreeCounts(hash: hash) }
}
