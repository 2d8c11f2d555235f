import Disk
import Identifiers
import Simulation
import Testing

@testable import Metadata

/// Two generations, two copies each: where they stand and what comes back.
@Suite struct GenerationTests {
    @Test func aNewStoreHoldsGenerationZeroTwice() throws {
        let file = try SlotFile()
        let metadata = StoreMetadata(storeID: SlotFile.storeID)
        #expect(
            file.contents == [.generation(0, metadata), .generation(0, metadata), .blank, .blank])
        #expect(try file.open().repairedSlots == [])
    }

    @Test func generationsAlternateBetweenThePairs() throws {
        let file = try SlotFile()
        let slots = try file.open()
        for generation in UInt64(1)...5 {
            try slots.commit { $0.firstNeededSegment += 1 }
            let first = Int(generation % 2) * 2
            let now = SlotCoding.Contents.generation(generation, slots.metadata)
            #expect(file.contents[first] == now)
            #expect(file.contents[first + 1] == now)
            guard case .generation(generation - 1, _) = file.contents[2 - first] else {
                Issue.record("generation \(generation - 1) is gone")
                return
            }
        }
        #expect(try file.open().metadata.firstNeededSegment == 5)
    }

    @Test func everyFieldComesBack() throws {
        let file = try SlotFile()
        try file.open().commit { $0 = .full }
        #expect(try file.open().metadata == .full)
        #expect(try file.read() == .full)
    }

    @Test func aCommitThatChangesNothingWritesNothing() throws {
        let file = try SlotFile()
        let slots = try file.open()
        let writes = file.disk.counts.count(of: .write)
        try slots.commit { $0.incarnation += 0 }
        #expect(file.disk.counts.count(of: .write) == writes)
    }

    @Test func anInterruptedCreationIsBegunAnew() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory(SlotFile.directory)
        _ = try disk.create("/log/tmp-meta", access: .buffered)
        let file = try SlotFile(on: disk)
        #expect(try file.read().storeID == SlotFile.storeID)
        #expect(disk.paths == [SlotFile.path])
    }

    @Test func readingForToolsMendsNothing() throws {
        let file = try SlotFile()
        try file.open().commit { $0.incarnation = 8 }
        file.damage(3)
        let before = file.disk.contents(of: SlotFile.path)
        #expect(try file.read().incarnation == 8)
        #expect(file.disk.contents(of: SlotFile.path) == before)
    }

    @Test func aMissingFileIsTheDisksError() throws {
        let disk = SimulatedDisk()
        try disk.makeDirectory(SlotFile.directory)
        let error = #expect(throws: MetadataError.self) {
            try SlotFile.Slots(opening: SlotFile.directory, on: disk)
        }
        guard case .disk? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aCrashDuringACommitLeavesTheOldOrTheNewGeneration() throws {
        let disk = SimulatedDisk(recording: true)
        let file = try SlotFile(on: disk)
        let slots = try file.open()
        disk.mark(Marker(kind: 0, value: 0))
        for incarnation in UInt64(1)...3 {
            try slots.commit { $0.incarnation = incarnation }
            disk.mark(Marker(kind: 1, value: Int(incarnation)))
        }
        let report = CrashExplorer([CrashBounds(), .inner]).explore(disk) { state in
            guard let acknowledged = state.markers.last.map({ UInt64($0.value) }) else { return }
            let found = try SlotFile.Slots(opening: SlotFile.directory, on: state.disk).metadata.incarnation
            guard found == acknowledged || found == acknowledged + 1 else {
                throw Surprise("acknowledged \(acknowledged), found \(found)")
            }
            // What was read must not be taken back by another crash.
            state.disk.mark(Marker(kind: 1, value: Int(found)))
        }
        #expect(report.violationCount == 0, "\(report.violations)")
        #expect(report.stateCount > 20)
    }
}

/// A crash state is not as it must be.
struct Surprise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
