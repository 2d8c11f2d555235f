import Disk
import Simulation
import Testing

extension Marker {
    fileprivate static func acknowledged(_ count: Int) -> Marker { Marker(kind: 1, value: count) }
    fileprivate static func proposed(_ count: Int) -> Marker { Marker(kind: 2, value: count) }
}

/// The smallest log there can be: one unit an entry, its number in every byte; made under another
/// name and then renamed.
private struct ToyLog {
    let file: SimulatedFile
    let disk: SimulatedDisk
    var entryCount: Int

    static func create(on disk: SimulatedDisk) throws -> ToyLog {
        try disk.makeDirectory("log")
        let file = try disk.create("log/new", access: .buffered)
        try file.allocate(byteCount: 8 * 512)
        try file.sync(for: .segmentHeaderSynced)
        try disk.rename("log/new", to: "log/live")
        try disk.syncDirectory("log", for: .rolledNameSynced)
        return ToyLog(file: file, disk: disk, entryCount: 0)
    }

    /// Opens what is there, or begins anew if no log was finished.
    static func open(on disk: SimulatedDisk) throws -> ToyLog {
        try disk.makeDirectory("log")
        guard try disk.contains("live", in: "log") else {
            if try disk.contains("new", in: "log") { try disk.unlink("log/new") }
            return try create(on: disk)
        }
        let file = try disk.open("log/live", access: .buffered)
        try file.sync(for: .segmentsSyncedBeforeRead)
        try disk.syncDirectory("log", for: .namesSyncedBeforeRead)
        let bytes = try file.readAll()
        var count = 0
        while (count + 1) * 512 <= bytes.count,
            bytes[count * 512..<(count + 1) * 512].allSatisfy({ $0 == UInt8(count + 1) })
        {
            count += 1
        }
        return ToyLog(file: file, disk: disk, entryCount: count)
    }

    mutating func append(durably: Bool) throws {
        let entry = [UInt8](repeating: UInt8(entryCount + 1), count: 512)
        disk.mark(.proposed(entryCount + 1))
        if durably {
            try file.writeDurably(entry, at: entryCount * 512, for: .batchSynced)
            disk.mark(.acknowledged(entryCount + 1))
        } else {
            try file.write(entry, at: entryCount * 512)
        }
        entryCount += 1
    }
}

private struct Violation: Error, CustomStringConvertible {
    var description: String
}

private func recoverAndCheck(_ state: CrashState) throws {
    let acknowledged: Int = state.markers.last(where: { $0.kind == 1 })?.value ?? 0
    let proposed: Int = state.markers.last(where: { $0.kind == 2 })?.value ?? 0
    let log = try ToyLog.open(on: state.disk)
    guard log.entryCount >= acknowledged else {
        throw Violation(description: "\(acknowledged) acknowledged, \(log.entryCount) recovered")
    }
    guard log.entryCount <= proposed else {
        throw Violation(description: "\(proposed) proposed, \(log.entryCount) recovered")
    }
    // What recovery counts as durable is promised from here on.
    state.disk.mark(.acknowledged(log.entryCount))
}

@Suite struct SimulatedDiskExplorerTests {
    private func explore(
        breaking rules: Set<DurabilityRule>, depth: Int, last durably: Bool = true
    ) throws -> CrashReport {
        let disk = SimulatedDisk(recording: true, breaking: rules)
        var log = try ToyLog.create(on: disk)
        for _ in 0..<3 { try log.append(durably: true) }
        try log.append(durably: durably)
        var explorer = CrashExplorer(Array(repeating: CrashBounds(), count: depth))
        explorer.stopsAtFirstViolation = !rules.isEmpty
        return explorer.explore(disk, check: recoverAndCheck)
    }

    @Test func aLogThatKeepsItsRulesSurvivesEveryCrash() throws {
        let report = try explore(breaking: [], depth: 2)
        #expect(report.violations.isEmpty, "\(report.violations)")
        #expect(report.stateCount > 30)
        #expect(report.stateCountByDepth.count >= 2)
        #expect(report.processCrashCount > 10)
        #expect(report.combinationCount > report.stateCount)
    }

    @Test(arguments: [DurabilityRule.batchSynced, .rolledNameSynced])
    func aBrokenRuleIsNoticed(_ rule: DurabilityRule) throws {
        let report = try explore(breaking: [rule], depth: 1)
        #expect(report.violationCount == 1)
        #expect(report.violations.first?.error.contains("acknowledged") == true)
    }

    @Test func countingWhatAProcessCrashLeftUnsyncedIsNoticedByALaterPowerCut() throws {
        let kept = try explore(breaking: [], depth: 1, last: false)
        #expect(kept.violations.isEmpty, "\(kept.violations)")
        let broken = try explore(breaking: [.segmentsSyncedBeforeRead], depth: 1, last: false)
        #expect(broken.violationCount == 1)
        #expect(broken.violations.first?.points.count == 2)
    }

    @Test func aRunIsExploredTheSameWayEachTime() throws {
        let first = try explore(breaking: [], depth: 2, last: false)
        let second = try explore(breaking: [], depth: 2, last: false)
        #expect(first.stateCount == second.stateCount)
        #expect(first.combinationCount == second.combinationCount)
        #expect(first.counts == second.counts)
    }

    @Test func markersBelongToTheMomentOfTheCrash() throws {
        let disk = SimulatedDisk(recording: true)
        var log = try ToyLog.create(on: disk)
        try log.append(durably: true)
        let inside = try #require(disk.crashPoints.last { $0.moment == .inside })
        #expect(inside.markers == [.proposed(1)])
        #expect(disk.crashPoints.last?.markers == [.proposed(1), .acknowledged(1)])
        #expect(disk.crashStates(at: inside).allSatisfy { $0.markers == [.proposed(1)] })
    }

    @Test func whatABrokenRuleSyncsStaysPending() throws {
        let (disk, file) = try SimulatedDisk.with(units(0), breaking: [.batchSynced, .rolledNameSynced])
        #expect(!disk.observes(.batchSynced))
        #expect(disk.observes(.snapshotSynced))
        try file.writeDurably(units(1), at: 0, for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0), units(1)])
        try file.sync(for: .batchSynced)
        #expect(disk.contentsAfterPowerCut(of: "d/f") == [units(0), units(1)])
        try disk.unlink("d/f")
        try disk.syncDirectory("d", for: .rolledNameSynced)
        #expect(disk.crashStates().count == 3)
    }

    @Test func seededNumbersRepeatAndStayInTheirBound() {
        var first = SeededRandom(seed: 7)
        var second = SeededRandom(seed: 7)
        var other = SeededRandom(seed: 8)
        let numbers = (0..<100).map { _ in first.below(6) }
        #expect(numbers == (0..<100).map { _ in second.below(6) })
        #expect(numbers != (0..<100).map { _ in other.below(6) })
        #expect(Set(numbers) == Set(0..<6))
    }
}
