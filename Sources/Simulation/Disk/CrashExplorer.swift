import Disk

/// What an exploration looked at, and what it found.
package struct CrashReport: Sendable {
    /// A check that threw.
    package struct Violation: Sendable, CustomStringConvertible {
        /// The crash points that led to it, the scenario's first.
        package var points: [String]
        package var error: String
        /// Enough to find the state again: the same scenario, bounds and seed give it the same number.
        package var stateNumber: Int
        package var files: [String]

        package var description: String {
            "state \(stateNumber), crash \(points.joined(separator: ", then ")): \(error) "
                + "[files: \(files.joined(separator: " "))]"
        }
    }

    /// Moments at which the crash was tried, at all depths.
    package var pointCount = 0
    /// Combinations of what survives that were looked at.
    package var combinationCount = 0
    /// Different states among them, each recovered and checked; process crashes included.
    package var stateCount = 0
    /// Checks; more than states, since a state first met too deep to be followed is checked again.
    package var checkCount = 0
    /// The same by depth; the first is for crashes of the scenario.
    package var stateCountByDepth: [Int] = []
    package var processCrashCount = 0
    /// The calls of the scenario and of all recoveries.
    package var counts = CallCounts()
    package var violationCount = 0
    /// The first ten.
    package var violations: [Violation] = []

    package init() {}

    package mutating func add(_ other: CrashReport) {
        pointCount += other.pointCount
        combinationCount += other.combinationCount
        stateCount += other.stateCount
        checkCount += other.checkCount
        processCrashCount += other.processCrashCount
        for (depth, count) in other.stateCountByDepth.enumerated() {
            if depth == stateCountByDepth.count { stateCountByDepth.append(0) }
            stateCountByDepth[depth] += count
        }
        counts.add(other.counts)
        violationCount += other.violationCount
        violations += other.violations.prefix(max(0, 10 - violations.count))
    }
}

/// Crashes a recorded run at every point in every allowed way, and lets each state be recovered and
/// checked; then crashes the recoveries too.
///
/// States that were checked with the same markers are not checked again, at whatever depth.
package struct CrashExplorer {
    /// One for each depth: `[CrashBounds(), .inner]` crashes the scenario, and then its recoveries.
    package var bounds: [CrashBounds]
    /// Down to this depth the process alone crashes too; the power then goes during the recovery from
    /// that, or after it. 0 for power cuts only.
    package var processCrashDepth = 1
    /// Ends at the first violation, which is enough to know that a broken rule was noticed.
    package var stopsAtFirstViolation = false

    package init(_ bounds: [CrashBounds] = [CrashBounds()]) { self.bounds = bounds }

    /// Explores the recorded run of `disk`.
    ///
    /// - Parameter check: opens what is on the state's disk as the program would, leaves markers on
    ///   that disk for what the recovery promised, and throws if a promise of `markers` was broken.
    package func explore(_ disk: SimulatedDisk, check: (CrashState) throws -> Void) -> CrashReport {
        var exploration = Exploration(self)
        exploration.report.counts.add(disk.counts)
        exploration.crash(disk, depth: 1, after: [], check)
        return exploration.report
    }
}

/// The exploration of one run as it goes on.
private struct Exploration {
    let explorer: CrashExplorer
    var report = CrashReport()
    /// What was checked, by how many depths were followed from there.
    var seen: [Set<UInt64>]

    init(_ explorer: CrashExplorer) {
        self.explorer = explorer
        // A process crash at the last depth is followed one further.
        seen = Array(repeating: [], count: max(1, explorer.bounds.count) + 1)
    }

    private var isOver: Bool { explorer.stopsAtFirstViolation && report.violationCount > 0 }

    mutating func crash(
        _ disk: SimulatedDisk, depth: Int, after points: [String], _ check: (CrashState) throws -> Void
    ) {
        let bounds = depth <= explorer.bounds.count ? explorer.bounds[depth - 1] : .inner
        let moments = disk.crashPoints
        for (index, point) in moments.enumerated() where !isOver {
            guard index % bounds.pointEvery == 0 || index == moments.count - 1 else { continue }
            report.pointCount += 1
            let markers = point.markers.reduce(0) { SeededRandom.mix($0 &+ $1.fingerprint) }
            cutPower(disk, at: point, markers, bounds, depth, points, UInt64(index), check)
            if depth <= explorer.processCrashDepth {
                crashProcess(disk, at: point, markers, depth, points, check)
            }
        }
    }

    private mutating func cutPower(
        _ disk: SimulatedDisk, at point: CrashPoint, _ markers: UInt64, _ bounds: CrashBounds, _ depth: Int,
        _ points: [String], _ index: UInt64, _ check: (CrashState) throws -> Void
    ) {
        let cut = PowerCut(point: point, disk: disk, bounds: bounds)
        var random = SeededRandom(seed: SeededRandom.mix(bounds.seed &+ index))
        let remaining = max(0, explorer.bounds.count - depth)
        cut.forEach(&random) { candidate in
            guard !isOver else { return }
            report.combinationCount += 1
            // By content, so that a state is followed or not wherever it turns up.
            let isFollowed = remaining > 0 && candidate.fingerprint % UInt64(bounds.followEvery) == 0
            let fingerprint = candidate.fingerprint &+ markers
            guard isDue(fingerprint, at: depth, followed: isFollowed ? remaining : 0) else { return }
            let state = CrashState(
                disk: cut.disk(candidate, recording: isFollowed), kind: .powerCut, depth: depth,
                number: report.checkCount)
            run(state, points, point, isFollowed, check)
        }
    }

    private mutating func crashProcess(
        _ disk: SimulatedDisk, at point: CrashPoint, _ markers: UInt64, _ depth: Int, _ points: [String],
        _ check: (CrashState) throws -> Void
    ) {
        let remaining = max(1, explorer.bounds.count - depth)
        let fingerprint = SeededRandom.mix(point.volume.fingerprint(in: disk.store) &+ markers) &+ 1
        guard isDue(fingerprint, at: depth, followed: remaining) else { return }
        report.processCrashCount += 1
        let survivor = SimulatedDisk(point.volume, after: disk, markers: point.markers, recording: true)
        let state = CrashState(
            disk: survivor, kind: .processCrash, depth: depth, number: report.checkCount)
        run(state, points, point, true, check)
    }

    private mutating func run(
        _ state: CrashState, _ points: [String], _ point: CrashPoint, _ isFollowed: Bool,
        _ check: (CrashState) throws -> Void
    ) {
        do {
            try check(state)
            report.counts.add(state.disk.counts)
        } catch {
            report.violationCount += 1
            guard report.violations.count < 10 else { return }
            report.violations.append(
                .init(
                    points: points + ["\(point) (\(state.kind))"], error: "\(error)",
                    stateNumber: state.number,
                    files: state.disk.paths))
            return
        }
        if isFollowed {
            crash(state.disk, depth: state.depth + 1, after: points + ["\(point) (\(state.kind))"], check)
        }
    }

    /// Whether a state was not yet checked, or not followed as deep as this; counts it.
    private mutating func isDue(_ fingerprint: UInt64, at depth: Int, followed: Int) -> Bool {
        for deeper in followed..<seen.count where seen[deeper].contains(fingerprint) { return false }
        let isKnown = seen[..<followed].contains { $0.contains(fingerprint) }
        seen[followed].insert(fingerprint)
        report.checkCount += 1
        while report.stateCountByDepth.count < depth { report.stateCountByDepth.append(0) }
        if !isKnown {
            report.stateCount += 1
            report.stateCountByDepth[depth - 1] += 1
        }
        return true
    }
}
