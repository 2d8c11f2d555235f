import Disk
import Identifiers

/// Why a file that was received is not a snapshot that can be installed.
package enum ReceivedSnapshotDefect: Error, CustomStringConvertible {
    case unreadable(SnapshotReadError)
    /// Every checksum is right, and it does not load; the loader's words.
    case contents(String)
    /// It has features that forbid this version to change it, and its header must say another store.
    case unchangeable(features: UInt64)
    /// No store counts to this zxid.
    case zxid(Zxid)
    case disk(DiskError)

    package var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .contents(let reason): "it does not load: \(reason)"
        case .unchangeable(let features):
            "a newer version wrote it, with features that this one must not change: "
                + String(features, radix: 16)
        case .zxid(let zxid): "no store counts to its zxid \(zxid)"
        case .disk(let error): "\(error)"
        }
    }
}

/// A snapshot from elsewhere that was read back whole and loaded; only `init(checking:)` makes one, and only
/// one of these is ever installed.
package struct ReceivedSnapshot<D: Disk>: Sendable {
    package let path: String
    package let end: SnapshotEnd
    package let startZxid: Zxid
    package let byteCount: Int
    package let footerChecksum: UInt32

    /// Reads the file, as the disk has it, to its last byte: every checksum, every count, and the state.
    ///
    /// - Parameters:
    ///   - path: a file in the snapshot directory of the store that is to have it, under a temporary name.
    ///   - load: loads it as a start does; throws if that does not lead where the footer says.
    package init(
        checking path: String, on disk: D, load: (SnapshotReader<D>) throws -> Void
    ) throws(ReceivedSnapshotDefect) {
        do throws(DiskError) {
            let file = try disk.open(path, access: .buffered)
            // Only what is on the disk leaves the page cache, and only then is the disk's copy read.
            try file.writeBack(from: 0, byteCount: try file.byteCount(), wait: true)
        } catch {
            throw .disk(error)
        }
        let reader: SnapshotReader<D>
        let verified: VerifiedSnapshot
        do throws(SnapshotReadError) {
            reader = try SnapshotReader(path, on: disk)
            verified = try reader.verify()
        } catch {
            throw .unreadable(error)
        }
        guard reader.header.features.readOnlyCompatible == 0 else {
            throw .unchangeable(features: reader.header.features.readOnlyCompatible)
        }
        let start = reader.header.startZxid
        for zxid in [start, verified.end.zxid] {
            guard zxid >= .zero, zxid.epoch.isPlausible else { throw .zxid(zxid) }
        }
        do { try load(reader) } catch { throw .contents("\(error)") }
        self.path = path
        end = verified.end
        startZxid = start
        byteCount = verified.byteCount
        footerChecksum = verified.footerChecksum
    }
}

extension SnapshotDirectory {
    /// The path under which the n-th snapshot is received; a start removes what is left there.
    package func pathOfReceived(_ number: Int) -> String {
        "\(path)/\(SnapshotName.receivedPrefix)\(number)"
    }

    /// Makes a received snapshot this store's, under a name of its own that no start looks for yet; durable
    /// on return.
    package func adopt(
        _ snapshot: ReceivedSnapshot<D>, storeID: UInt128
    ) throws(DiskError) -> SnapshotName {
        let name = SnapshotName(startZxid: snapshot.startZxid, generation: try nextGeneration())
        let file = try disk.open(snapshot.path, access: .buffered)
        let buffer = AlignedBuffer(byteCount: SnapshotFormat.headerByteCount)
        guard try file.read(into: buffer.bytes, at: 0) == buffer.byteCount else {
            throw DiskError(.read, snapshot.path, code: Errno.inputOutput)
        }
        var header = [UInt8](buffer.bytes)
        SnapshotHeader.readdress(&header, storeID: storeID, generation: name.generation)
        buffer.bytes.copyBytes(from: header)
        try file.write(UnsafeRawBufferPointer(buffer.bytes), at: 0)
        try file.sync(for: .installedSnapshotSynced)
        try disk.rename(snapshot.path, to: path + "/" + name.temporaryFileName)
        try disk.syncDirectory(path, for: .installedTemporaryNameSynced)
        return name
    }

    /// Gives an adopted snapshot its live name and takes theirs from all others; durable on return, and
    /// harmless if it is done already, wholly or in part.
    package func publish(_ name: SnapshotName) throws(DiskError) {
        for other in try liveFileNames() where other != name.fileName {
            try disk.rename("\(path)/\(other)", to: "\(path)/\(SnapshotName.replacedPrefix)\(other)")
        }
        if try disk.contains(name.temporaryFileName, in: path) {
            try disk.rename("\(path)/\(name.temporaryFileName)", to: "\(path)/\(name.fileName)")
        }
        try disk.syncDirectory(path, for: .installedNamesSynced)
    }

    /// Removes snapshots whose place an installed one took.
    package func removeReplaced(pause: (_ nanoseconds: UInt64) -> Void = { _ in }) throws(DiskError) {
        let names = try disk.names(in: path).filter { $0.hasPrefix(SnapshotName.replacedPrefix) }.sorted()
        try disk.unlink(names, in: path, pause: pause)
    }
}
