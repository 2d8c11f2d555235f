import Disk

/// How often each kind of call was made, and for which rule: what an injection point can be.
package struct CallCounts: Sendable, Equatable {
    private struct Key: Hashable {
        var operation: DiskError.Operation
        var rule: DurabilityRule?
    }

    private var counts: [Key: Int] = [:]
    /// All calls.
    package private(set) var total = 0

    package init() {}

    /// All calls of an operation; `writeDurably` counts as a write.
    package func count(of operation: DiskError.Operation) -> Int {
        counts.reduce(0) { $1.key.operation == operation ? $0 + $1.value : $0 }
    }

    /// All calls that were made for a rule.
    package func count(for rule: DurabilityRule) -> Int {
        counts.reduce(0) { $1.key.rule == rule ? $0 + $1.value : $0 }
    }

    /// One line a kind of call, in a fixed order: `sync batchSynced 12`.
    package var lines: [String] {
        counts.map { "\($0.key.operation.rawValue) \($0.key.rule?.rawValue ?? "-") \($0.value)" }.sorted()
    }

    package mutating func add(_ other: CallCounts) {
        total += other.total
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    mutating func add(_ operation: DiskError.Operation, for rule: DurabilityRule?) {
        total += 1
        counts[Key(operation: operation, rule: rule), default: 0] += 1
    }
}
