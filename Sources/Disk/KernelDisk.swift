import CDisk
import Glibc

/// How a batch becomes durable, best first. Probed per directory, named in the start-up line.
package enum SyncMode: String, Sendable, CaseIterable {
    /// `O_DIRECT|O_DSYNC`: one call, the error belongs to the write, no page cache between.
    case directDSync = "O_DIRECT|O_DSYNC"
    /// `O_DIRECT`, then `fdatasync`.
    case directThenSync = "O_DIRECT + fdatasync"
    /// Through the page cache, then `fdatasync`.
    case bufferedThenSync = "buffered + fdatasync"

    var openFlags: Int32 {
        switch self {
        case .directDSync: Int32(CDISK_DIRECT | CDISK_DSYNC)
        case .directThenSync: Int32(CDISK_DIRECT)
        case .bufferedThenSync: 0
        }
    }
}

/// The kernel's file systems.
package struct KernelDisk: Disk {
    /// How files opened with `FileAccess.durable` are written.
    package let syncMode: SyncMode

    package init(syncMode: SyncMode) { self.syncMode = syncMode }

    /// Finds the best way of writing durably that the directory's file system takes.
    ///
    /// Creates, writes, syncs and removes a small file `.probe` there. A full disk is no reason to fail: a
    /// server must start on it, to take the deletes that make room.
    package init(probing directory: String) throws(DiskError) {
        for mode in SyncMode.allCases where try Self.isTaken(mode, in: directory) {
            self.init(syncMode: mode)
            return
        }
        self.init(syncMode: .bufferedThenSync)
    }

    private static func isTaken(_ mode: SyncMode, in directory: String) throws(DiskError) -> Bool {
        let path = directory + "/.probe"
        if cdisk_unlink(path) != 0 { /* It is usually not there. */  }
        // Should it stay, the next start removes it.
        defer { _ = cdisk_unlink(path) }
        do throws(DiskError) {
            let file = try KernelDisk(syncMode: mode).create(path, access: .durable)
            let block = AlignedBuffer(byteCount: AlignedBuffer.alignment)
            try file.writeDurably(UnsafeRawBufferPointer(block.bytes), at: 0, for: .batchSynced)
            return true
        } catch  where error.isDiskFull {
            // A file that was opened has taken the mode's flags, and the last mode has none.
            return error.operation != .create || mode == .bufferedThenSync
        } catch {
            // EINVAL and EOPNOTSUPP say that this mode is not for this file system.
            guard mode == .bufferedThenSync else { return false }
            throw error
        }
    }

    package func names(in directory: String) throws(DiskError) -> [String] {
        var stream = opendir(directory)
        while stream == nil, errno == Errno.interrupted { stream = opendir(directory) }
        guard let stream else { throw DiskError(.list, directory, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw DiskError(.list, directory, code: errno) }
        return names
    }

    package func makeDirectory(_ path: String) throws(DiskError) {
        var status = cdisk_make_directory(path)
        let parent = Self.parent(of: path)
        if status == 0 || -status == Errno.noEntry, parent != path {
            // The parent's name, too, is durable before there is something that is promised to be.
            try makeDirectory(parent)
            // Once more and not again: below a link that leads nowhere there is never a directory.
            if status != 0 { status = cdisk_make_directory(path) }
        }
        switch -status {
        case 0:
            try syncName(of: path)
        case Errno.exists:
            _ = try names(in: path)  // Throws if it is a file.
            do throws(DiskError) {
                try syncName(of: path)
            } catch  where error.code == Errno.noAccess {
                // A process that may not read the parent fails to sync a name that it made there: another did.
            }
        default: throw DiskError(.makeDirectory, path, code: -status)
        }
    }

    package func create(_ path: String, access: FileAccess) throws(DiskError) -> KernelFile {
        try KernelFile(.create, path, access, syncMode: syncMode)
    }

    package func open(_ path: String, access: FileAccess) throws(DiskError) -> KernelFile {
        try KernelFile(.open, path, access, syncMode: syncMode)
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        let status = cdisk_rename(path, newPath)
        guard status == 0 else { throw DiskError(.rename, path, code: -status) }
    }

    package func unlink(_ path: String) throws(DiskError) {
        let status = cdisk_unlink(path)
        guard status == 0 else { throw DiskError(.unlink, path, code: -status) }
    }

    package func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError) {
        let status = cdisk_sync_directory(path)
        guard status == 0 else { throw DiskError(.syncDirectory, path, code: -status) }
    }

    package func availableByteCount(at path: String) throws(DiskError) -> Int {
        let count = cdisk_available(path)
        guard count >= 0 else { throw DiskError(.available, path, code: Int32(-count)) }
        return Int(count)
    }

    package func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock {
        try KernelLock(path, contents: contents)
    }

    package func observes(_ rule: DurabilityRule) -> Bool { true }

    private func syncName(of path: String) throws(DiskError) {
        let parent = Self.parent(of: path)
        let status = cdisk_sync_directory(parent)
        guard status == 0 else { throw DiskError(.syncDirectory, parent, code: -status) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// An open-file-description lock; the kernel drops it with the process.
private final class KernelLock: DirectoryLock {
    private let descriptor: Int32

    init(_ path: String, contents: String) throws(DiskError) {
        var descriptor = cdisk_open(path, Int32(CDISK_WRITE))
        if -descriptor == Errno.noEntry {
            descriptor = cdisk_open(path, Int32(CDISK_WRITE | CDISK_CREATE))
        }
        guard descriptor >= 0 else { throw DiskError(.lock, path, code: -descriptor) }
        self.descriptor = descriptor
        let status = cdisk_lock(descriptor)
        guard status == 0 else { throw DiskError(.lock, path, code: -status) }
        // Written before it is cut, so that a full disk need not find a block for it.
        let bytes = Array(contents.utf8)
        _ = cdisk_write(descriptor, bytes, bytes.count, 0)
        _ = cdisk_truncate(descriptor, Int64(bytes.count))
    }

    deinit { _ = cdisk_close(descriptor) }
}
