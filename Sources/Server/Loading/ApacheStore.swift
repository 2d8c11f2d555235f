import Disk

/// Apache ZooKeeper's own files, which this server does not read.
enum ApacheStore {
    private static let directory = "version-2"

    /// The first log or snapshot of Apache's in a data directory that has no store of ours; nil if there
    /// is none. Whoever points this server at it wants to see that data, and must not be shown an empty tree.
    static func found(
        in configuration: ServerConfiguration, on disk: KernelDisk
    ) throws(DiskError) -> String? {
        if try disk.contains("log", in: configuration.logDirectory) { return nil }
        for parent in [configuration.dataDirectory, configuration.logDirectory] {
            guard try disk.contains(directory, in: parent) else { continue }
            let path = parent + "/" + directory
            let names = try disk.names(in: path).filter { $0.hasPrefix("log.") || $0.hasPrefix("snapshot.") }
            if let first = names.min() { return path + "/" + first }
        }
        return nil
    }
}
