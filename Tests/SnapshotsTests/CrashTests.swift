import Disk
import Identifiers
import Simulation
import Testing

@testable import Snapshots

/// What a crash at any moment leaves in the snapshot directory.
@Suite struct CrashTests {
    private static let directory = "/data/snap"
    private static let finished: UInt8 = 1
    private let samples = [
        Sample(seed: 1, pieceCount: 4, pieceByteCountMax: 300, startZxid: 10, generation: 1),
        Sample(seed: 2, pieceCount: 4, pieceByteCountMax: 300, startZxid: 90, generation: 2),
    ]

    private struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    @Test func aLiveNameIsAlwaysWholeAndAFinishedSnapshotIsAlwaysThere() throws {
        let report = try explore(breaking: [])
        #expect(report.violations.map(\.description) == [])
        #expect(report.stateCount > 500)
    }

    @Test(arguments: [DurabilityRule.snapshotSynced, .snapshotNameSynced])
    func eachRuleIsNeeded(rule: DurabilityRule) throws {
        #expect(try explore(breaking: [rule]).violationCount > 0)
    }

    private func explore(breaking rules: Set<DurabilityRule>) throws -> CrashReport {
        let disk = SimulatedDisk(recording: true, breaking: rules)
        try disk.makeDirectory(Self.directory)
        for (number, sample) in samples.enumerated() {
            try sample.write(on: disk, in: Self.directory)
            disk.mark(Marker(kind: Self.finished, value: number))
        }
        var explorer = CrashExplorer()
        explorer.stopsAtFirstViolation = !rules.isEmpty
        return explorer.explore(disk) { try check($0) }
    }

    /// Starts as a server does: the directory is made, temporaries go, what is live is read.
    private func check(_ state: CrashState) throws {
        try state.disk.makeDirectory(Self.directory)
        let snapshots = SnapshotDirectory(on: state.disk, path: Self.directory)
        _ = try snapshots.removeTemporaries()
        let listed = try snapshots.list()
        for entry in listed {
            let reading = try Reading(Self.directory + "/" + entry.fileName, on: state.disk)
            let original = samples.first { $0.header.name.fileName == entry.fileName }
            guard let original, reading.matches(original) else {
                throw Broken(description: "\(entry.fileName) holds something else")
            }
        }
        for marker in state.markers where marker.kind == Self.finished {
            let name = samples[marker.value].header.name
            guard listed.contains(where: { $0.name == name }) else {
                throw Broken(description: "\(name) was finished and is gone")
            }
        }
        let left = try state.disk.names(in: Self.directory)
        guard left.allSatisfy({ $0.hasPrefix("snap-") }) else {
            throw Broken(description: "left over: \(left)")
        }
    }
}
