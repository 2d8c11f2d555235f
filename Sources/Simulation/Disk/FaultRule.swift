import Disk

/// Says which calls of a simulated disk a fault is for.
package struct CallFilter: Sendable, Equatable {
    /// `writeDurably` counts as a write.
    package var operation: DiskError.Operation?
    package var pathSuffix: String?
    package var rule: DurabilityRule?

    package init(
        _ operation: DiskError.Operation? = nil, pathSuffix: String? = nil, rule: DurabilityRule? = nil
    ) {
        self.operation = operation
        self.pathSuffix = pathSuffix
        self.rule = rule
    }

    func matches(_ operation: DiskError.Operation, _ path: String, _ rule: DurabilityRule?) -> Bool {
        if let wanted = self.operation, wanted != operation { return false }
        if let wanted = self.rule, wanted != rule { return false }
        if let suffix = pathSuffix, !path.hasSuffix(suffix) { return false }
        return true
    }
}

/// What a call that fails has done all the same.
package enum FailureOutcome: Sendable, Equatable {
    /// Nothing changed: a write was not made, what was unsynced still is.
    case nothing
    /// Everything was done, only the answer is an error.
    case done
    /// The cache forgot the unsynced data; reads see the disk (fsync failures, ATC'20). For syncs.
    case dropped
    /// The cache goes on showing the unsynced data but no later sync writes it. For syncs.
    case kept
    /// Every unit was written or not as the seed says; what was not is as with `kept`.
    case partly(seed: UInt64)
}

/// A fault for the n-th call that a filter lets through. Rules are values: a run and its rules repeat.
package struct FaultRule: Sendable, Equatable {
    package enum Effect: Sendable, Equatable {
        case fail(code: Int32, FailureOutcome)
        /// The write succeeds and never reaches the disk.
        case lose
        /// The disk says that the sync or durable write is done, and has all of it only in its cache.
        case lieAboutSync
        /// The write goes elsewhere: to the file with this suffix (nil: the same), moved by an offset.
        case misdirect(toPathSuffix: String?, movedBy: Int)
        /// The call takes this long in virtual time, and then goes on.
        case stall(nanoseconds: UInt64)
    }

    package var calls: CallFilter
    /// Counted from 1.
    package var nth: Int
    /// Whether all matching calls after the n-th meet the fault too.
    package var goesOn: Bool
    package var effect: Effect

    package init(_ effect: Effect, _ calls: CallFilter, nth: Int, goesOn: Bool = false) {
        self.effect = effect
        self.calls = calls
        self.nth = nth
        self.goesOn = goesOn
    }

    /// The n-th call of an operation (nil: of any) fails with an errno.
    package static func fail(
        _ operation: DiskError.Operation? = nil, nth: Int, pathSuffix: String? = nil,
        for rule: DurabilityRule? = nil, code: Int32 = Errno.inputOutput,
        _ outcome: FailureOutcome = .nothing, goesOn: Bool = false
    ) -> FaultRule {
        FaultRule(
            .fail(code: code, outcome), CallFilter(operation, pathSuffix: pathSuffix, rule: rule), nth: nth,
            goesOn: goesOn)
    }

    /// The n-th write is acknowledged and lost.
    package static func loseWrite(nth: Int, pathSuffix: String? = nil) -> FaultRule {
        FaultRule(.lose, CallFilter(.write, pathSuffix: pathSuffix), nth: nth)
    }

    /// The n-th sync, or durable write, of a file or directory makes nothing durable, and nobody is told.
    package static func lieAboutSync(
        _ operation: DiskError.Operation, nth: Int, pathSuffix: String? = nil,
        for rule: DurabilityRule? = nil, goesOn: Bool = false
    ) -> FaultRule {
        FaultRule(
            .lieAboutSync, CallFilter(operation, pathSuffix: pathSuffix, rule: rule), nth: nth,
            goesOn: goesOn)
    }

    /// The n-th write is acknowledged and goes to another place.
    package static func misdirectWrite(
        nth: Int, pathSuffix: String? = nil, toPathSuffix: String? = nil, movedBy offset: Int = 0
    ) -> FaultRule {
        FaultRule(
            .misdirect(toPathSuffix: toPathSuffix, movedBy: offset),
            CallFilter(.write, pathSuffix: pathSuffix), nth: nth)
    }

    /// The n-th call of an operation takes long.
    package static func stall(
        _ operation: DiskError.Operation? = nil, nth: Int, pathSuffix: String? = nil, nanoseconds: UInt64
    ) -> FaultRule {
        FaultRule(
            .stall(nanoseconds: nanoseconds), CallFilter(operation, pathSuffix: pathSuffix), nth: nth)
    }
}

/// The rules of a disk, and how often each was met.
struct FaultPlan: Sendable {
    private(set) var rules: [FaultRule]
    private var matches: [Int]
    private(set) var hits: [Int]

    init(_ rules: [FaultRule] = []) {
        self.rules = rules
        matches = Array(repeating: 0, count: rules.count)
        hits = matches
    }

    /// Counts a call; returns the first effect that is due for it, after all stalls.
    mutating func effect(
        on operation: DiskError.Operation, _ path: String, _ rule: DurabilityRule?,
        stalledNanoseconds: inout UInt64
    ) -> FaultRule.Effect? {
        var due: FaultRule.Effect?
        for index in rules.indices where rules[index].calls.matches(operation, path, rule) {
            matches[index] += 1
            let nth = rules[index].nth
            guard matches[index] == nth || (rules[index].goesOn && matches[index] > nth) else { continue }
            if case .stall(let nanoseconds) = rules[index].effect {
                hits[index] += 1
                stalledNanoseconds += nanoseconds
            } else if due == nil {
                hits[index] += 1
                due = rules[index].effect
            }
        }
        return due
    }
}
