import Disk
import Identifiers
import Metadata
import Snapshots

/// The newest snapshot that loads, and those that do not.
struct SnapshotChoice {
    /// What the loaded tree knows; zero if none was loaded.
    var zxid = Zxid.zero
    var path: String?
    var failures: [SnapshotFailure] = []
    /// Those of this store that did not load.
    var failed: Set<SnapshotName> = []
    /// Where damaged ones stand in `failures`, and their file names.
    private var damaged: [(failure: Int, fileName: String)] = []

    /// Loads one snapshot after the other, newest first, until one is whole. Changes nothing: what must be
    /// set aside is, once the start is allowed.
    ///
    /// Snapshots that know more than an unfinished truncation keeps are passed over. While an installation
    /// is unfinished there is but one.
    static func load<D: Disk>(
        from directory: SnapshotDirectory<D>, _ metadata: StoreMetadata,
        _ load: (SnapshotReader<D>) throws -> Void
    ) throws(DiskError) -> SnapshotChoice {
        var choice = SnapshotChoice()
        let candidates =
            if let installation = metadata.installation {
                try directory.list(only: SnapshotName(installation))
            } else {
                try directory.list()
            }
        for listed in candidates where !listed.isBeyond(metadata.truncation) {
            do {
                let reader = try directory.open(listed.fileName)
                guard reader.header.storeID == metadata.storeID else {
                    choice.failures.append(
                        SnapshotFailure(
                            path: reader.path, reason: "it belongs to another store", quarantinedAs: nil))
                    continue
                }
                try load(reader)
                choice.zxid = reader.footer.end.zxid
                choice.path = reader.path
                return choice
            } catch {
                choice.note(listed, in: directory.path, error)
            }
        }
        return choice
    }

    private mutating func note(_ listed: ListedSnapshot, in directory: String, _ error: any Error) {
        if let name = listed.name { failed.insert(name) }
        // What the disk did not give now it may give at the next start; what is damaged stays so.
        if (error as? SnapshotReadError)?.isDamage ?? true {
            damaged.append((failures.count, listed.fileName))
        }
        failures.append(
            SnapshotFailure(
                path: "\(directory)/\(listed.fileName)", reason: "\(error)", quarantinedAs: nil))
    }

    /// Gives damaged snapshots names under which no start looks for them; durable on return.
    mutating func setAsideDamaged<D: Disk>(in directory: SnapshotDirectory<D>) throws(DiskError) {
        guard !damaged.isEmpty else { return }
        let names = try directory.quarantine(damaged.map(\.fileName))
        for (place, name) in zip(damaged, names) { failures[place.failure].quarantinedAs = name }
    }

    /// Gives such names to snapshots that know more than an unfinished truncation keeps; durable on return,
    /// also if an earlier start did it and did not come to the sync.
    static func setAsideTruncated<D: Disk>(
        in directory: SnapshotDirectory<D>, _ metadata: StoreMetadata
    ) throws(DiskError) {
        guard metadata.truncation != nil else { return }
        let beyond = try directory.list().filter { $0.isBeyond(metadata.truncation) }
        _ = try directory.quarantine(beyond.map(\.fileName), for: .truncatedSnapshotsSynced)
    }
}

extension ListedSnapshot {
    fileprivate func isBeyond(_ truncation: TruncationIntent?) -> Bool {
        guard let truncation, case .readable(_, let footer) = condition else { return false }
        return footer.end.zxid > truncation.lastKeptZxid
    }
}

extension SnapshotEntry {
    /// A verified snapshot under its name.
    init(_ name: SnapshotName, _ end: SnapshotEnd, byteCount: Int, footerChecksum: UInt32) {
        self.init(
            startZxid: name.startZxid, endZxid: end.zxid, generation: name.generation,
            byteCount: UInt64(byteCount), footerChecksum: footerChecksum, treeDigest: end.digest)
    }
}

extension SnapshotName {
    /// The snapshot that is being installed.
    init(_ installation: InstallationIntent) {
        self.init(startZxid: installation.startZxid, generation: installation.generation)
    }

    /// The snapshot that the slots list.
    init(_ entry: SnapshotEntry) {
        self.init(startZxid: entry.startZxid, generation: entry.generation)
    }
}
