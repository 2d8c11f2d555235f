import CUnwillingKernel
import Disk
import TestSupport
import Testing

/// What only some file systems do: let signals interrupt their calls, or reserve no space.
@Suite struct UnwillingKernelTests {
    private let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    init() throws { directory = try TemporaryDirectory() }

    private static let calls = [
        UNWILLING_FALLOCATE, UNWILLING_FDATASYNC, UNWILLING_FSYNC, UNWILLING_FTRUNCATE, UNWILLING_PREAD,
        UNWILLING_PWRITE, UNWILLING_SYNC_FILE_RANGE,
    ]

    @Test func anInterruptedCallIsMadeAgain() throws {
        for call in Self.calls { unwilling_refuse(call, Errno.interrupted, 3) }
        // Should the test fail, others that run on this thread must not.
        defer { for call in Self.calls { unwilling_refuse(call, 0, 0) } }
        let path = directory.appending("file")
        let file = try disk.create(path, access: .buffered)
        try file.allocate(byteCount: 10_000)
        try file.write("hello", at: 0)
        try file.writeBack(from: 0, byteCount: 5, wait: true)
        try file.truncate(to: 8000)
        try file.sync(for: .batchSynced)
        try disk.syncDirectory(directory.path, for: .rolledNameSynced)
        #expect(try file.contents() == Array("hello".utf8) + [UInt8](repeating: 0, count: 7995))
        for call in Self.calls { #expect(unwilling_left(call) == 0, "\(call)") }
    }

    @Test(arguments: [Errno.notSupported, Errno.notImplemented])
    func whereSpaceCannotBeReservedItIsTakenByWritingZeroes(error: Int32) throws {
        let file = try disk.create(directory.appending("segment"), access: .buffered)
        try file.write("kept", at: 0)
        unwilling_refuse(UNWILLING_FALLOCATE, error, 1)
        try file.allocate(byteCount: 600_000)
        #expect(unwilling_left(UNWILLING_FALLOCATE) == 0)
        #expect(try file.contents() == Array("kept".utf8) + [UInt8](repeating: 0, count: 599_996))
        unwilling_refuse(UNWILLING_FALLOCATE, error, 1)
        try file.allocate(byteCount: 100)
        #expect(try file.byteCount() == 600_000, "what is there already is left")
    }

    @Test(arguments: SyncMode.allCases)
    func soItIsInAFileForDurableWrites(mode: SyncMode) throws {
        let file = try KernelDisk(syncMode: mode).create(directory.appending("log"), access: .durable)
        unwilling_refuse(UNWILLING_FALLOCATE, Errno.notSupported, 1)
        try file.allocate(byteCount: 64 * AlignedBuffer.alignment)
        #expect(try file.contents() == [UInt8](repeating: 0, count: 64 * AlignedBuffer.alignment))
    }

    @Test func aDiskThatIsFullMeanwhileIsSaidToBe() throws {
        let file = try disk.create(directory.appending("segment"), access: .buffered)
        unwilling_refuse(UNWILLING_FALLOCATE, Errno.notSupported, 1)
        unwilling_refuse(UNWILLING_PWRITE, Errno.noSpace, 1)
        let error = failure { () throws(DiskError) in try file.allocate(byteCount: 600_000) }
        #expect(error == DiskError(.allocate, file.path, code: Errno.noSpace))
        // No failed write: nothing was promised yet.
        try file.write("still", at: 0)
        try file.sync(for: .batchSynced)
    }

    @Test func anyOtherErrorIsReported() throws {
        let file = try disk.create(directory.appending("segment"), access: .buffered)
        unwilling_refuse(UNWILLING_FALLOCATE, Errno.inputOutput, 1)
        let error = failure { () throws(DiskError) in try file.allocate(byteCount: 4096) }
        #expect(error == DiskError(.allocate, file.path, code: Errno.inputOutput))
    }
}
