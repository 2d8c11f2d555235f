import Disk
import TestSupport
import Testing

/// `blockCount` aligned blocks in which every byte tells where it stands.
func patterned(blockCount: Int, first: UInt8 = 1) -> AlignedBuffer {
    let buffer = AlignedBuffer(byteCount: blockCount * AlignedBuffer.alignment)
    for index in 0..<buffer.byteCount {
        buffer.bytes[index] = first &+ UInt8(truncatingIfNeeded: index / 7)
    }
    return buffer
}

extension DiskFile {
    /// All bytes of the file.
    func contents() throws(DiskError) -> [UInt8] {
        let buffer = AlignedBuffer(byteCount: try byteCount() + AlignedBuffer.alignment)
        let count = try read(into: buffer.bytes, at: 0)
        return Array(buffer.bytes[..<count])
    }

    func write(_ text: String, at offset: Int) throws(DiskError) {
        let bytes = Array(text.utf8)
        let failure: DiskError? = bytes.withUnsafeBytes { pointer in
            do throws(DiskError) {
                try write(pointer, at: offset)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}

/// The error of a call that must fail.
func failure(of body: () throws(DiskError) -> Void) -> DiskError? {
    do throws(DiskError) {
        try body()
        return nil
    } catch {
        return error
    }
}

@Suite struct KernelFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: SyncMode.allCases)
    func whatIsWrittenDurablyReadsBack(mode: SyncMode) throws {
        let disk = KernelDisk(syncMode: mode)
        let path = directory.appending("log")
        let first = patterned(blockCount: 3)
        let second = patterned(blockCount: 2, first: 99)
        do {
            let file = try disk.create(path, access: .durable)
            try file.allocate(byteCount: 8 * AlignedBuffer.alignment)
            try file.writeDurably(UnsafeRawBufferPointer(first.bytes), at: 0, for: .batchSynced)
            try file.writeDurably(
                UnsafeRawBufferPointer(second.bytes), at: first.byteCount, for: .batchSynced)
        }
        let contents = try disk.open(path, access: .read).contents()
        #expect(contents.count == 8 * AlignedBuffer.alignment)
        #expect(contents.starts(with: Array(first.bytes) + Array(second.bytes)))
        #expect(contents[(first.byteCount + second.byteCount)...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: SyncMode.allCases)
    func aDurableFileReadsItsOwnWrites(mode: SyncMode) throws {
        let block = patterned(blockCount: 1, first: 5)
        let file = try KernelDisk(syncMode: mode).create(directory.appending("log"), access: .durable)
        try file.writeDurably(UnsafeRawBufferPointer(block.bytes), at: 0, for: .batchSynced)
        let back = AlignedBuffer(byteCount: block.byteCount)
        #expect(try file.read(into: back.bytes, at: 0) == block.byteCount)
        #expect(Array(back.bytes) == Array(block.bytes))
    }

    @Test func bufferedWritesNeedNoAlignment() throws {
        let disk = KernelDisk(syncMode: .directDSync)
        let file = try disk.create(directory.appending("snapshot"), access: .buffered)
        try file.write("hello", at: 0)
        try file.write("world", at: 7)
        try file.sync(for: .snapshotSynced)
        #expect(try file.contents() == Array("hello\0\0world".utf8))
        #expect(try file.byteCount() == 12)
    }

    @Test func aReadStopsAtTheEndOfTheFile() throws {
        let file = try KernelDisk(syncMode: .bufferedThenSync)
            .create(directory.appending("short"), access: .buffered)
        try file.write("0123456789", at: 0)
        let buffer = AlignedBuffer(byteCount: 100)
        #expect(try file.read(into: buffer.bytes, at: 4) == 6)
        #expect(try file.read(into: buffer.bytes, at: 10) == 0)
        #expect(try file.read(into: buffer.bytes, at: 1000) == 0)
    }

    @Test func truncationCutsAndTheRestStays() throws {
        let file = try KernelDisk(syncMode: .bufferedThenSync)
            .create(directory.appending("cut"), access: .buffered)
        try file.write("0123456789", at: 0)
        try file.truncate(to: 4)
        try file.sync(for: .snapshotSynced)
        #expect(try file.contents() == Array("0123".utf8))
    }

    @Test func allocationReservesZeroesAndWhatCannotBeReservedIsAnError() throws {
        let file = try KernelDisk(syncMode: .bufferedThenSync)
            .create(directory.appending("segment"), access: .buffered)
        try file.allocate(byteCount: 10_000)
        #expect(try file.contents() == [UInt8](repeating: 0, count: 10_000))
        let error = try #require(
            failure { () throws(DiskError) in try file.allocate(byteCount: 1 << 62) })
        #expect(error.operation == .allocate)
        #expect(error.code != 0)
        // A refused reservation is no failed write: the file goes on.
        try file.write("still", at: 0)
        try file.sync(for: .batchSynced)
    }

    @Test func writeBackAndDroppingTheCacheChangeNothing() throws {
        let file = try KernelDisk(syncMode: .bufferedThenSync)
            .create(directory.appending("paced"), access: .buffered)
        try file.write("contents", at: 0)
        try file.writeBack(from: 0, byteCount: 8, wait: false)
        try file.writeBack(from: 0, byteCount: 8, wait: true)
        try file.sync(for: .snapshotSynced)
        try file.dropCache()
        #expect(try file.contents() == Array("contents".utf8))
    }

    @Test func afterAFailedWriteEveryWriteAndSyncIsRefused() throws {
        // The kernel's own full disk: every write fails with ENOSPC.
        let file = try KernelDisk(syncMode: .bufferedThenSync).open("/dev/full", access: .buffered)
        let first = try #require(failure { () throws(DiskError) in try file.write("x", at: 0) })
        #expect(first == DiskError(.write, "/dev/full", code: Errno.noSpace))
        #expect(first.isDiskFull)
        let second = failure { () throws(DiskError) in try file.write("x", at: 0) }
        #expect(second == DiskError(.write, "/dev/full", code: 0))
        let third = failure { () throws(DiskError) in try file.sync(for: .batchSynced) }
        #expect(third == DiskError(.sync, "/dev/full", code: 0))
        let block = patterned(blockCount: 1)
        let fourth = failure { () throws(DiskError) in
            try file.writeDurably(UnsafeRawBufferPointer(block.bytes), at: 0, for: .batchSynced)
        }
        #expect(fourth == DiskError(.write, "/dev/full", code: 0))
    }

    @Test func afterAFailedSyncEveryWriteAndSyncIsRefused() throws {
        // A device that cannot be synced: fdatasync answers EINVAL.
        let file = try KernelDisk(syncMode: .bufferedThenSync).open("/dev/null", access: .buffered)
        try file.write("x", at: 0)
        let first = failure { () throws(DiskError) in try file.sync(for: .batchSynced) }
        #expect(first == DiskError(.sync, "/dev/null", code: Errno.invalid))
        let second = failure { () throws(DiskError) in try file.write("x", at: 0) }
        #expect(second == DiskError(.write, "/dev/null", code: 0))
        let third = failure { () throws(DiskError) in try file.sync(for: .batchSynced) }
        #expect(third == DiskError(.sync, "/dev/null", code: 0))
    }

    @Test func poisonStaysWithTheFileAndNotWithTheDisk() throws {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        let bad = try disk.open("/dev/full", access: .buffered)
        #expect(failure { () throws(DiskError) in try bad.write("x", at: 0) } != nil)
        let good = try disk.create(directory.appending("other"), access: .buffered)
        try good.write("x", at: 0)
        try good.sync(for: .batchSynced)
    }

    @Test func aFileOpenedForReadingRefusesWrites() throws {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        let path = directory.appending("sealed")
        try disk.create(path, access: .buffered).write("kept", at: 0)
        let reader = try disk.open(path, access: .read)
        #expect(failure { () throws(DiskError) in try reader.write("lost", at: 0) } != nil)
        #expect(try reader.contents() == Array("kept".utf8))
    }

    @Test func anErrorNamesTheFileAsItIsCalledNow() throws {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        _ = try disk.create(directory.appending("new"), access: .buffered)
        let file = try disk.open(directory.appending("new"), access: .read)
        try disk.rename(file, to: directory.appending("live"))
        #expect(try disk.names(in: directory.path) == ["live"])
        let error = failure { () throws(DiskError) in try file.write("x", at: 0) }
        #expect(error?.path == directory.appending("live"))
        let refused = failure { () throws(DiskError) in try file.sync(for: .batchSynced) }
        #expect(refused?.path == directory.appending("live"))
    }

    @Test func aRenamingThatFailsLeavesTheFileItsName() throws {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        let file = try disk.create(directory.appending("new"), access: .buffered)
        _ = try disk.create(directory.appending("live"), access: .buffered)
        let error = failure { () throws(DiskError) in
            try disk.rename(file, to: directory.appending("live"))
        }
        #expect(error == DiskError(.rename, directory.appending("new"), code: Errno.exists))
        #expect(file.path == directory.appending("new"))
    }

    @Test func theErrorNamesTheCallTheFileAndTheReason() throws {
        let path = directory.appending("absent")
        let error = try #require(
            failure { () throws(DiskError) in
                _ = try KernelDisk(syncMode: .bufferedThenSync).open(path, access: .read)
            })
        #expect(error == DiskError(.open, path, code: Errno.noEntry))
        #expect(error.description == "open \(path): No such file or directory (errno 2)")
    }
}
