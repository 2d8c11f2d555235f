import Disk
import Identifiers
import Simulation
import TestSupport
import Testing

@testable import Metadata

/// What a commit promises when the disk fails or another process writes.
@Suite struct SlotWriterTests {
    @Test func theSecondCopyIsBegunAfterTheFirstIsDurable() throws {
        let file = try SlotFile()
        let slots = try file.open()
        // The first copy's sync fails after the write is in the cache: the second is never begun.
        file.disk.setFaults([.fail(.write, nth: 1, for: .slotFirstCopySynced, .done)])
        #expect(throws: MetadataError.self) { try slots.commit { $0.incarnation = 1 } }
        #expect(file.contents[3] == .blank)
    }

    @Test(arguments: [1, 2]) func afterAFailedWriteEveryCommitIsRefused(nth: Int) throws {
        let file = try SlotFile()
        let slots = try file.open()
        try slots.commit { $0.incarnation = 1 }
        file.disk.setFaults([.fail(.write, nth: nth, pathSuffix: "meta")])
        let expected = MetadataError.disk(DiskError(.write, SlotFile.path, code: Errno.inputOutput))
        #expect(throws: expected) { try slots.commit { $0.incarnation = 2 } }
        let writes = file.disk.counts.count(of: .write)
        #expect(throws: expected) { try slots.commit { $0.incarnation = 3 } }
        #expect(file.disk.counts.count(of: .write) == writes)
        #expect(slots.metadata.incarnation == 1)
        // The first copy of generation 2 stands if only the second write failed.
        #expect(try file.open().metadata.incarnation == (nth == 1 ? 1 : 2))
    }

    @Test func aSecondWriterIsNoticedByItsIncarnation() throws {
        let file = try SlotFile()
        let first = try file.open()
        try first.commit { $0.incarnation += 1 }
        let second = try file.open()
        try second.commit { $0.incarnation += 1 }
        #expect(
            throws: MetadataError.secondWriter(
                path: SlotFile.path, ourIncarnation: 1, foundIncarnation: 2)
        ) { try first.commit { $0.newestSegment = 1 } }
        #expect(try file.read() == second.metadata)
    }

    @Test func aRefusedCommitLeavesNoTrace() throws {
        let file = try SlotFile()
        let first = try file.open()
        let second = try file.open()
        try second.commit { $0.incarnation += 1 }
        let before = file.disk.contents(of: SlotFile.path)
        #expect(throws: MetadataError.self) { try first.commit { $0.newestSegment = 1 } }
        #expect(file.disk.contents(of: SlotFile.path) == before)
        #expect(first.metadata.newestSegment == 0)
    }

    @Test func openingSyncsBeforeItReads() throws {
        let file = try SlotFile()
        _ = try file.open()
        #expect(file.disk.counts.count(for: .slotsSyncedBeforeRead) == 1)
    }

    @Test func aFailedRepairIsReported() throws {
        let file = try SlotFile()
        file.damage(1)
        file.disk.setFaults([.fail(.write, nth: 1, pathSuffix: "meta")])
        #expect(throws: MetadataError.disk(DiskError(.write, SlotFile.path, code: Errno.inputOutput))) {
            try file.open().commit { $0.incarnation += 1 }
        }
    }

    @Test func theKernelsDiskKeepsItToo() throws {
        let directory = try TemporaryDirectory()
        let disk = try KernelDisk(probing: directory.path)
        typealias Slots = MetadataSlots<KernelDisk>
        try Slots.create(
            in: directory.path, metadata: StoreMetadata(storeID: SlotFile.storeID), on: disk)
        try Slots(opening: directory.path, on: disk).commit { $0 = .full }
        #expect(try Slots(opening: directory.path, on: disk).metadata == .full)
        #expect(try disk.open(directory.path + "/meta", access: .read).byteCount() == Slots.fileByteCount)
    }
}
