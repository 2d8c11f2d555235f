import Disk
import Identifiers

/// A file in the snapshot directory, and whether it can be opened.
package struct ListedSnapshot: Equatable, Sendable {
    package enum Condition: Equatable, Sendable {
        /// Header, footer and index are good; the blocks were not looked at.
        case readable(SnapshotHeader, SnapshotFooter)
        case unreadable(SnapshotReadError)
    }

    package var fileName: String
    package var condition: Condition

    /// From the header; from the file's name only if the header cannot be read.
    package var name: SnapshotName? {
        if case .readable(let header, _) = condition { return header.name }
        return SnapshotName(fileName: fileName)
    }

    package var isReadable: Bool {
        if case .readable = condition { return true }
        return false
    }

    /// By where the image began, which for files that end in order is the order of their ends too,
    /// and which a name tells even of a file that cannot be read.
    fileprivate var order: (Zxid, UInt32) { (name?.startZxid ?? .zero, name?.generation ?? 0) }
}

/// The directory `snap` of a store: which snapshots there are, and what becomes of old and bad ones.
///
/// What removes or renames makes that durable; what a crash undoes before is found and done again.
package struct SnapshotDirectory<D: Disk>: Sendable {
    /// However few snapshots an operator wants kept, so many verified ones stay.
    package static var verifiedCountMin: Int { 3 }

    package let disk: D
    package let path: String

    package init(on disk: D, path: String) {
        self.disk = disk
        self.path = path
    }

    /// All snapshots under live names, newest first. Opens each one.
    package func list() throws(DiskError) -> [ListedSnapshot] {
        try liveFileNames().map(listed).sorted { left, right in
            if left.order != right.order { return left.order > right.order }
            return left.fileName > right.fileName
        }
    }

    private func listed(_ fileName: String) -> ListedSnapshot {
        do throws(SnapshotReadError) {
            let reader = try open(fileName)
            return ListedSnapshot(
                fileName: fileName, condition: .readable(reader.header, reader.footer))
        } catch {
            return ListedSnapshot(fileName: fileName, condition: .unreadable(error))
        }
    }

    /// The one snapshot of a name, published or still under its temporary name; none if it is not there.
    package func list(only name: SnapshotName) throws(DiskError) -> [ListedSnapshot] {
        let names = try disk.names(in: path)
        return [name.fileName, name.temporaryFileName].filter(names.contains).prefix(1).map(listed)
    }

    package func open(_ fileName: String) throws(SnapshotReadError) -> SnapshotReader<D> {
        try SnapshotReader(path + "/" + fileName, on: disk)
    }

    /// A generation above all that any file here carries, temporary and quarantined ones included.
    package func nextGeneration() throws(DiskError) -> UInt32 {
        let used = try disk.names(in: path).compactMap { SnapshotName(fileName: $0)?.generation }
        return (used.max() ?? 0) &+ 1
    }

    /// Sets files aside under `bad-` names, so that nobody loads or counts them and somebody can study them.
    ///
    /// Returns the new names, which are durable.
    package func quarantine(
        _ fileNames: [String], for rule: DurabilityRule = .quarantineSynced
    ) throws(DiskError) -> [String] {
        var names: [String] = []
        for fileName in fileNames { names.append(try setAside(fileName)) }
        try disk.syncDirectory(path, for: rule)
        return names
    }

    /// Takes the live name from a snapshot that was just written and does not read back as it must.
    ///
    /// The first one is kept for study, as in `quarantine`. While there is one, others are removed: a
    /// disk that fails again and again must not be filled. Returns the new name; nil if it was removed.
    package func reject(_ fileName: String) throws(DiskError) -> String? {
        let isFirst = try !disk.names(in: path).contains { $0.hasPrefix(SnapshotName.quarantinePrefix) }
        guard isFirst else {
            try disk.unlink([fileName], in: path)
            return nil
        }
        return try quarantine([fileName]).first
    }

    private func setAside(_ fileName: String) throws(DiskError) -> String {
        let taken = Set(try disk.names(in: path))
        let base = SnapshotName.quarantinePrefix + fileName
        var name = base
        var attempt = 0
        while taken.contains(name) {
            attempt += 1
            name = "\(base).\(attempt)"
        }
        try disk.rename(path + "/" + fileName, to: path + "/" + name)
        return name
    }

    /// Removes what a crashed run left half written; returns the names. Only while no writer is at work.
    package func removeTemporaries() throws(DiskError) -> [String] {
        let names = try disk.names(in: path).filter { $0.hasPrefix(SnapshotName.temporaryPrefix) }.sorted()
        try disk.unlink(names, in: path)
        return names
    }

    /// Removes the oldest snapshots, oldest first; returns their file names.
    ///
    /// The newest `retainCount` verified ones stay, never fewer than `verifiedCountMin`, and so does
    /// everything newer than the oldest of them. Unreadable files stay: they are for `quarantine`.
    ///
    /// - Parameters:
    ///   - held: these stay for the next time.
    ///   - pause: sleeps so many nanoseconds between two steps, so that syncs find the disk free.
    package func removeOldest(
        retainCount: Int, verified: Set<SnapshotName>, held: Set<SnapshotName> = [],
        pause: (_ nanoseconds: UInt64) -> Void = { _ in }
    ) throws(DiskError) -> [String] {
        let keepCount = max(retainCount, Self.verifiedCountMin)
        let readable = try list().filter(\.isReadable)
        let verifiedPlaces = readable.indices.filter { place in
            readable[place].name.map(verified.contains) ?? false
        }
        guard verifiedPlaces.count > keepCount - 1 else { return [] }
        let old = readable[(verifiedPlaces[keepCount - 1] + 1)...].reversed()
            .filter { file in !(file.name.map(held.contains) ?? false) }.map(\.fileName)
        try disk.unlink(old, in: path, pause: pause)
        return old
    }

    func liveFileNames() throws(DiskError) -> [String] {
        try disk.names(in: path).filter {
            $0.hasPrefix(SnapshotName.livePrefix) && $0.hasSuffix(SnapshotName.suffix)
        }
    }
}
