import Disk
import Identifiers
import Metadata

/// Giving back segments that nobody needs.
extension TransactionLog {
    /// Removes segments whose records are all at or below `zxid` and below every pin, oldest first, and
    /// what truncations set aside. The slots say so before any file goes.
    ///
    /// - Parameters:
    ///   - zxid: the start of the oldest snapshot that is kept.
    ///   - pause: sleeps so many nanoseconds between two steps, so that syncs find the disk free.
    /// - Returns: how many files were removed.
    package static func purge(
        upTo zxid: Zxid, tail: LogTail, slots: MetadataSlots<D>, directory: String, on disk: D,
        pause: (_ nanoseconds: UInt64) -> Void = { _ in }
    ) throws(LogError) -> Int {
        let bound = min(zxid, tail.lowestPin ?? zxid)
        let segments = tail.segments
        // The first needed segment is the last one that begins at or below the bound.
        let needed = segments.partitionPoint { $0.baseZxid > bound }
        guard needed > 0 else { return 0 }
        let first = segments[needed - 1].sequence
        let files = LogDirectory(directory, on: disk)
        do throws(DiskError) {
            if !disk.observes(.slotsBeforeUnlink) { try removeFiles(below: first, in: files, on: disk) }
        } catch {
            throw .disk(error)
        }
        do {
            try slots.commit { $0.firstNeededSegment = max($0.firstNeededSegment, first) }
        } catch {
            throw .metadata(error)
        }
        let dropped = tail.dropSegments(below: first)
        do throws(DiskError) {
            try disk.unlink(names(below: first, in: files), in: directory, pause: pause)
        } catch {
            throw .disk(error)
        }
        return dropped.count
    }

    /// Unlinks live segments and cut ones below a sequence number, oldest first; durable on return. What a
    /// crash meanwhile leaves is unlinked again at start.
    static func removeFiles(
        below sequence: UInt64, in directory: LogDirectory<D>, on disk: D
    ) throws(DiskError) {
        try disk.unlink(names(below: sequence, in: directory), in: directory.directory)
    }

    private static func names(
        below sequence: UInt64, in directory: LogDirectory<D>
    ) throws(DiskError) -> [String] {
        try directory.files().filter { name in
            switch name {
            case .live: name.sequence < sequence
            case .setAside(_, let successor): successor < sequence
            case .prepared: false
            }
        }.map(\.text)
    }
}
