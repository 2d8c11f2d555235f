import Disk
import Foundation
import TestSupport
import Testing

@Suite struct KernelDiskTests {
    private let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        arguments: [NSTemporaryDirectory(), "/dev/shm"].filter(FileManager.default.fileExists(atPath:)))
    func probingFindsAModeThatWorksAndLeavesNothing(parent: String) throws {
        let place = try TemporaryDirectory(in: parent)
        let probed = try KernelDisk(probing: place.path)
        #expect(try probed.names(in: place.path) == [])
        let block = patterned(blockCount: 1)
        let file = try probed.create(place.appending("log"), access: .durable)
        try file.writeDurably(UnsafeRawBufferPointer(block.bytes), at: 0, for: .batchSynced)
        #expect(try probed.open(place.appending("log"), access: .read).contents() == Array(block.bytes))
    }

    @Test func probingReplacesAProbeThatACrashLeft() throws {
        _ = try disk.create(directory.appending(".probe"), access: .buffered)
        _ = try KernelDisk(probing: directory.path)
        #expect(try disk.names(in: directory.path) == [])
    }

    @Test func probingADirectoryThatIsNotThereFails() throws {
        let absent = directory.appending("absent")
        let error = failure { () throws(DiskError) in _ = try KernelDisk(probing: absent) }
        #expect(error?.code == Errno.noEntry)
    }

    @Test func createRefusesANameThatIsTaken() throws {
        let path = directory.appending("segment")
        try disk.create(path, access: .buffered).write("first", at: 0)
        let error = failure { () throws(DiskError) in _ = try disk.create(path, access: .buffered) }
        #expect(error == DiskError(.create, path, code: Errno.exists))
        #expect(try disk.open(path, access: .read).contents() == Array("first".utf8))
    }

    /// Logs and snapshots hold everything that access lists hide.
    @Test func onlyTheirOwnerMayReadWhatIsMade() throws {
        try disk.makeDirectory(directory.appending("folder"))
        _ = try disk.create(directory.appending("folder/file"), access: .buffered)
        _ = try disk.lock(directory.appending("folder/LOCK"), contents: "")
        #expect(try permissions("folder") == 0o700)
        #expect(try permissions("folder/file") == 0o600)
        #expect(try permissions("folder/LOCK") == 0o600)
    }

    /// Who may make names in the directory must not make the server write somebody else's file.
    @Test(arguments: [FileAccess.buffered, .direct, .durable])
    func nothingIsWrittenBehindALink(access: FileAccess) throws {
        try disk.create(directory.appending("other"), access: .buffered).write("untouched", at: 0)
        let link = directory.appending("link")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: directory.appending("other"))
        let opened = failure { () throws(DiskError) in _ = try disk.open(link, access: access) }
        #expect(opened == DiskError(.open, link, code: Errno.tooManyLinks))
        let locked = failure { () throws(DiskError) in _ = try disk.lock(link, contents: "me") }
        #expect(locked == DiskError(.lock, link, code: Errno.tooManyLinks))
        #expect(try disk.open(link, access: .read).contents() == Array("untouched".utf8))
    }

    private func permissions(_ name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(name))
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test func namesListsEverythingButTheDots() throws {
        let names = ["a", ".hidden", "with space", "z\u{fc}rich", String(repeating: "n", count: 255)]
        for name in names { _ = try disk.create(directory.appending(name), access: .buffered) }
        try disk.makeDirectory(directory.appending("folder"))
        #expect(try Set(disk.names(in: directory.path)) == Set(names + ["folder"]))
        #expect(try disk.contains("a", in: directory.path))
        #expect(try !disk.contains("b", in: directory.path))
    }

    @Test func namesOfADirectoryThatIsNotThere() throws {
        let absent = directory.appending("absent")
        let error = failure { () throws(DiskError) in _ = try disk.names(in: absent) }
        #expect(error == DiskError(.list, absent, code: Errno.noEntry))
    }

    @Test func renameMovesAFile() throws {
        try disk.create(directory.appending("new"), access: .buffered).write("x", at: 0)
        try disk.rename(directory.appending("new"), to: directory.appending("live"))
        try disk.syncDirectory(directory.path, for: .rolledNameSynced)
        #expect(try disk.names(in: directory.path) == ["live"])
    }

    @Test func renameRefusesToOverwrite() throws {
        let (from, to) = (directory.appending("new"), directory.appending("live"))
        try disk.create(from, access: .buffered).write("new", at: 0)
        try disk.create(to, access: .buffered).write("live", at: 0)
        let error = failure { () throws(DiskError) in try disk.rename(from, to: to) }
        #expect(error == DiskError(.rename, from, code: Errno.exists))
        #expect(try disk.open(from, access: .read).contents() == Array("new".utf8))
        #expect(try disk.open(to, access: .read).contents() == Array("live".utf8))
    }

    @Test func whatIsNotThereCannotBeRenamedOrRemoved() throws {
        let absent = directory.appending("absent")
        #expect(
            failure { () throws(DiskError) in try disk.rename(absent, to: directory.appending("x")) }
                == DiskError(.rename, absent, code: Errno.noEntry))
        #expect(
            failure { () throws(DiskError) in try disk.unlink(absent) }
                == DiskError(.unlink, absent, code: Errno.noEntry))
        #expect(
            failure { () throws(DiskError) in try disk.syncDirectory(absent, for: .rolledNameSynced) }
                == DiskError(.syncDirectory, absent, code: Errno.noEntry))
    }

    @Test func unlinkRemovesTheNameAndOpenFilesGoOn() throws {
        let path = directory.appending("old")
        let file = try disk.create(path, access: .buffered)
        try file.write("readable", at: 0)
        try disk.unlink(path)
        #expect(try disk.names(in: directory.path) == [])
        #expect(try file.contents() == Array("readable".utf8))
    }

    @Test func makeDirectoryMakesMissingParentsAndMayBeRepeated() throws {
        let deep = directory.appending("a/b/c")
        try disk.makeDirectory(deep)
        try disk.makeDirectory(deep)
        #expect(try disk.names(in: directory.appending("a/b")) == ["c"])
    }

    @Test func makeDirectoryInPlaceOfAFileFails() throws {
        let path = directory.appending("file")
        _ = try disk.create(path, access: .buffered)
        #expect(failure { () throws(DiskError) in try disk.makeDirectory(path) }?.operation == .list)
    }

    @Test func makeDirectoryBelowALinkToNowhereFails() throws {
        let link = directory.appending("link")
        #expect(symlink(directory.appending("nowhere/deeper"), link) == 0)
        #expect(failure { () throws(DiskError) in try disk.makeDirectory(link + "/below") } != nil)
    }

    @Test func makeDirectoryBelowAFileFails() throws {
        _ = try disk.create(directory.appending("file"), access: .buffered)
        let below = directory.appending("file/below")
        #expect(
            failure { () throws(DiskError) in try disk.makeDirectory(below) }?.operation == .makeDirectory
        )
    }

    @Test func thereIsSpaceWhereATestRuns() throws {
        #expect(try disk.availableByteCount(at: directory.path) > 0)
        let absent = directory.appending("absent")
        #expect(
            failure { () throws(DiskError) in _ = try disk.availableByteCount(at: absent) }
                == DiskError(.available, absent, code: Errno.noEntry))
    }

    @Test func theKernelsDiskObservesEveryRule() {
        for rule in DurabilityRule.allCases { #expect(disk.observes(rule)) }
    }
}
