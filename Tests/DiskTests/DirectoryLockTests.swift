import Disk
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct DirectoryLockTests {
    private let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    init() throws { directory = try TemporaryDirectory() }

    @Test func aSecondHolderIsRefusedUntilTheFirstLetsGo() throws {
        let path = directory.appending("lock")
        var first: (any DirectoryLock)? = try disk.lock(path, contents: "pid 1\n")
        #expect(first != nil)
        let error = failure { () throws(DiskError) in _ = try disk.lock(path, contents: "pid 2\n") }
        #expect(error == DiskError(.lock, path, code: Errno.again))
        // The refused one has not touched what the holder wrote.
        #expect(try disk.open(path, access: .read).contents() == Array("pid 1\n".utf8))
        first = nil
        _ = try disk.lock(path, contents: "pid 3\n")
        #expect(try disk.open(path, access: .read).contents() == Array("pid 3\n".utf8))
    }

    @Test func aShorterTextReplacesALongerOne() throws {
        let path = directory.appending("lock")
        _ = try disk.lock(path, contents: "a long line of text\n")
        _ = try disk.lock(path, contents: "short\n")
        #expect(try disk.open(path, access: .read).contents() == Array("short\n".utf8))
    }

    @Test func aLockInADirectoryThatIsNotThereFails() throws {
        let path = directory.appending("absent/lock")
        let error = failure { () throws(DiskError) in _ = try disk.lock(path, contents: "") }
        #expect(error == DiskError(.lock, path, code: Errno.noEntry))
    }

    @Test func anotherProcessIsRefused() throws {
        let path = directory.appending("lock")
        let held = try disk.lock(path, contents: "here\n")
        let blocked = try exitCode(ofLocking: path)
        withExtendedLifetime(held) { #expect(blocked == 7) }
    }

    @Test func aLockEndsWithItsProcess() throws {
        let path = directory.appending("lock")
        _ = try disk.create(path, access: .buffered)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.holder, path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        let error = failure { () throws(DiskError) in _ = try disk.lock(path, contents: "") }
        #expect(error == DiskError(.lock, path, code: Errno.again))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        _ = try disk.lock(path, contents: "ours\n")
    }

    /// Takes the lock and sleeps. An ordinary POSIX lock excludes ours and is excluded by it.
    private static let holder = """
        import fcntl, sys, time
        lock = open(sys.argv[1], "r+")
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("held", flush=True)
        time.sleep(60)
        """

    /// 0 if another process gets the lock, 7 if it is refused.
    private func exitCode(ofLocking path: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import fcntl, sys
            try:
                fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sys.exit(7)
            """, path,
        ]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
