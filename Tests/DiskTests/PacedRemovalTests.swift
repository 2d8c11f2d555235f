import Disk
import Synchronization
import TestSupport
import Testing

/// What is removed goes at once by name, and little by little from the disk.
@Suite struct PacedRemovalTests {
    private let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ name: String, byteCount: Int) throws -> KernelFile {
        let file = try disk.create(directory.appending(name), access: .buffered)
        try file.allocate(byteCount: byteCount)
        return file
    }

    @Test func longFilesAreGivenBackInStepsBehindTheirNames() throws {
        let long = try write("long", byteCount: 5 << 20)
        let short = try write("short", byteCount: 1 << 20)
        _ = try write("kept", byteCount: 9 << 20)
        let seen = Mutex<[[Int]]>([])
        try disk.unlink(["long", "short"], in: directory.path) { nanoseconds in
            #expect(nanoseconds > 0)
            #expect(throws: Never.self) {
                let names = try disk.names(in: directory.path)
                #expect(!names.contains("long") && names.contains("kept"))
                let lengths = [try long.byteCount(), try short.byteCount()]
                seen.withLock { $0.append(lengths) }
            }
        }
        #expect(seen.withLock { $0 } == [[3 << 20, 1 << 20], [1 << 20, 1 << 20]])
        #expect(try disk.names(in: directory.path) == ["kept"])
    }

    @Test func aFileThatIsNotThereIsTheDisksError() throws {
        let path = directory.appending("absent")
        #expect(throws: DiskError(.open, path, code: Errno.noEntry)) {
            try disk.unlink(["absent"], in: directory.path) { _ in }
        }
    }
}
