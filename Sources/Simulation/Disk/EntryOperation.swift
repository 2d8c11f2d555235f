/// A name in a directory.
struct EntryName: Hashable, Sendable {
    /// Which directory of the volume.
    var directory: Int
    var name: String
}

/// One change of names that no directory sync has made durable yet. It happens wholly or not at all.
struct EntryOperation: Sendable {
    /// The name that goes away, if any.
    var removed: EntryName?
    /// The name that comes, if any.
    var added: EntryName?
    var inode: Int
    /// The directories that must still be synced: two for a rename from one to another.
    var unsyncedDirectories: Set<Int>

    init(removed: EntryName? = nil, added: EntryName? = nil, inode: Int) {
        self.removed = removed
        self.added = added
        self.inode = inode
        unsyncedDirectories = Set([removed, added].compactMap { $0?.directory })
    }

    /// Whether the operation cannot be on the disk without an earlier one: they share a name or a file.
    func depends(on earlier: EntryOperation) -> Bool {
        if inode == earlier.inode { return true }
        for case let mine? in [removed, added] where mine == earlier.removed || mine == earlier.added {
            return true
        }
        return false
    }
}

extension [EntryOperation] {
    /// The largest subset of `wanted` in which every operation stands with all that it depends on.
    func possible(_ wanted: [Bool]) -> [Bool] {
        var kept = wanted
        for later in indices where kept[later] {
            for earlier in 0..<later where !kept[earlier] && self[later].depends(on: self[earlier]) {
                kept[later] = false
                break
            }
        }
        return kept
    }
}
