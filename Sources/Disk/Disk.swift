/// Where files live: the kernel's file systems, or a simulated disk that loses what was not synced.
///
/// Names and contents are durable only as far as the explicit syncs say. All calls block. Paths are
/// absolute or relative to the process's working directory; folders are joined with `/`.
package protocol Disk: Sendable {
    associatedtype File: DiskFile

    /// The names in a directory, in no order; throws `noEntry` if it does not exist.
    func names(in directory: String) throws(DiskError) -> [String]

    /// Creates a directory and its missing parents, and makes their names durable, for
    /// `DurabilityRule.directoryNameSynced`. So it does if the directory is there: who made it may have
    /// crashed before that.
    func makeDirectory(_ path: String) throws(DiskError)

    /// Creates a file; throws `exists` if the name is taken. The name is not durable yet.
    func create(_ path: String, access: FileAccess) throws(DiskError) -> File

    /// Opens an existing file; throws `noEntry` if there is none.
    func open(_ path: String, access: FileAccess) throws(DiskError) -> File

    /// Renames a file; throws `exists` if the new name is taken. Not durable before `syncDirectory`.
    func rename(_ path: String, to newPath: String) throws(DiskError)

    /// Removes a name. Not durable before `syncDirectory`.
    func unlink(_ path: String) throws(DiskError)

    /// Makes all creations, renames and removals of names in a directory durable.
    func syncDirectory(_ path: String, for rule: DurabilityRule) throws(DiskError)

    /// Bytes that can still be written on the file system that holds `path`.
    func availableByteCount(at path: String) throws(DiskError) -> Int

    /// Takes the exclusive lock of a lock file, creating it; throws `again` if another process holds
    /// it. Held until the returned object goes away or the process ends.
    func lock(_ path: String, contents: String) throws(DiskError) -> any DirectoryLock

    /// Whether a rule is kept. Always true, except on a simulated disk that breaks it to test the tests.
    func observes(_ rule: DurabilityRule) -> Bool
}

/// Keeps a directory locked as long as it lives.
package protocol DirectoryLock: AnyObject, Sendable {}

/// What a file is opened for.
package enum FileAccess: Sendable, Equatable {
    /// Reading only, through the page cache.
    case read
    /// Reading and writing through the page cache; durable after `sync`.
    case buffered
    /// As `buffered`, but past the page cache where the file system allows it, and only in whole blocks:
    /// address, length and offset of a write are multiples of `AlignedBuffer.alignment`.
    case direct
    /// Reading and writing in whole aligned blocks; `writeDurably` is durable on return.
    case durable
}

/// An open file. Closed when the last reference goes away.
///
/// After a failed `writeDurably`, `write` or `sync` the file is poisoned: nobody knows what the disk
/// holds, so every later write or sync throws, and nothing is ever retried (fsync failures, ATC'20).
package protocol DiskFile: AnyObject, Sendable {
    /// What errors call the file: the path it was opened under, or the one that `noteRename` told it.
    var path: String { get }

    /// Tells the file its new path, so that an error names what an operator finds. Renames nothing.
    func noteRename(to path: String)

    func byteCount() throws(DiskError) -> Int

    /// Reads from `offset` until the buffer is full or the file ends; returns how many bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DiskError) -> Int

    /// Writes all bytes. Not durable before `sync`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError)

    /// Writes all bytes and makes them durable. With `FileAccess.durable`, address, length and offset
    /// are multiples of `AlignedBuffer.alignment`, and the range lies within the allocated file.
    func writeDurably(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, for rule: DurabilityRule
    ) throws(DiskError)

    /// Makes everything written so far durable, the file's size included.
    func sync(for rule: DurabilityRule) throws(DiskError)

    /// Reserves space for the first `byteCount` bytes, and lengthens the file to them if it is shorter;
    /// throws a disk-full error if there is none. No failed write: the file is not poisoned.
    func allocate(byteCount: Int) throws(DiskError)

    /// Cuts the file to its first `byteCount` bytes. Not durable before `sync`.
    func truncate(to byteCount: Int) throws(DiskError)

    /// Begins writing a range back to the disk, so that a later sync has little to do; with `wait`,
    /// returns when that is done. Promises nothing.
    func writeBack(from offset: Int, byteCount: Int, wait: Bool) throws(DiskError)

    /// Asks for later reads to come from the disk, not from the page cache.
    func dropCache() throws(DiskError)
}

extension Disk {
    /// Whether a file of this name exists.
    package func contains(_ name: String, in directory: String) throws(DiskError) -> Bool {
        try names(in: directory).contains(name)
    }

    /// Renames an open file; its errors name the new path from here on.
    package func rename(_ file: File, to newPath: String) throws(DiskError) {
        try rename(file.path, to: newPath)
        file.noteRename(to: newPath)
    }

    /// Removes files of one directory, in the order of their names here, and makes that durable: what was
    /// removed does not come back.
    package func unlink(_ names: [String], in directory: String) throws(DiskError) {
        guard !names.isEmpty else { return }
        for name in names { try unlink(directory + "/" + name) }
        try syncDirectory(directory, for: .removalsSynced)
    }
}
