import Disk
import Identifiers
import Metadata
import Snapshots

/// The newest snapshot that loads.
struct SnapshotChoice {
    /// What the loaded tree knows; zero if none was loaded.
    var zxid = Zxid.zero
    var path: String?
    var failures: [SnapshotFailure] = []
    /// Those that were set aside.
    var lost: Set<SnapshotName> = []

    /// Loads one snapshot after the other, newest first, until one is whole. Damaged ones are set aside
    /// under another name; what cannot be read for another reason is left where it is.
    static func load<D: Disk>(
        from directory: SnapshotDirectory<D>, storeID: UInt128, _ load: (SnapshotReader<D>) throws -> Void
    ) throws(DiskError) -> SnapshotChoice {
        var choice = SnapshotChoice()
        for listed in try directory.list() {
            do {
                let reader = try directory.open(listed.fileName)
                guard reader.header.storeID == storeID else {
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
                let failure = try failure(of: listed, in: directory, error)
                if failure.quarantinedAs != nil, let name = listed.name { choice.lost.insert(name) }
                choice.failures.append(failure)
            }
        }
        return choice
    }

    private static func failure<D: Disk>(
        of listed: ListedSnapshot, in directory: SnapshotDirectory<D>, _ error: any Error
    ) throws(DiskError) -> SnapshotFailure {
        var failure = SnapshotFailure(
            path: "\(directory.path)/\(listed.fileName)", reason: "\(error)", quarantinedAs: nil)
        let isDamage = (error as? SnapshotReadError)?.isDamage ?? true
        if isDamage { failure.quarantinedAs = try directory.quarantine(listed.fileName) }
        return failure
    }
}
