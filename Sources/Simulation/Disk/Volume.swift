/// The names in one directory: as the kernel shows them, and as the disk has them for certain.
struct Directory: Sendable {
    struct Entry: Sendable {
        var name: String
        var inode: Int
    }

    let path: String
    /// In the order in which they came, which depends on nothing but the run.
    var cached: [Entry] = []
    var durable: [Entry] = []
    /// Mixed into the fingerprints of states.
    let fingerprint: UInt64

    init(path: String) {
        self.path = path
        fingerprint = path.fingerprint
    }
}

/// Everything that a simulated disk and its page cache hold; a value, so that a moment can be kept.
struct Volume: Sendable {
    private(set) var directories = [Directory(path: "."), Directory(path: "/")]
    var inodes: [Inode] = []
    private(set) var pendingEntries: [EntryOperation] = []
    /// Directories whose own names a power cut may take, with everything in them.
    private(set) var unsyncedDirectories: [Int] = []
    /// Counts the changes of files, to order them.
    private var time = 0

    init() {}

    func directory(_ path: String) -> Int? { directories.firstIndex { $0.path == path } }

    func inode(_ name: EntryName) -> Int? {
        directories[name.directory].cached.first { $0.name == name.name }?.inode
    }

    /// The directory and name that a path means; nil if the directory does not exist.
    func entryName(_ path: String) -> EntryName? {
        let (parent, name) = path.parentAndName
        guard let directory = directory(parent), !name.isEmpty else { return nil }
        return EntryName(directory: directory, name: name)
    }

    /// Adds a directory; not durable before its parent is synced.
    mutating func makeDirectory(_ path: String) {
        unsyncedDirectories.append(directories.count)
        directories.append(Directory(path: path))
    }

    /// Files and directories right below a directory.
    func names(in directory: Int) -> [String] {
        let path = directories[directory].path
        let children = directories.compactMap { child -> String? in
            let (parent, name) = child.path.parentAndName
            return parent == path && !name.isEmpty && child.path != path ? name : nil
        }
        return directories[directory].cached.map(\.name) + children
    }

    /// Changes names in the cache; the disk may or may not have the change until a sync.
    mutating func perform(_ operation: EntryOperation) {
        Self.apply(operation, to: &directories, \.cached)
        pendingEntries.append(operation)
    }

    /// Puts a name that is durable at once, as nothing of the engine depends on when it became so.
    mutating func addDurably(_ name: EntryName, inode: Int) {
        directories[name.directory].cached.append(.init(name: name.name, inode: inode))
        directories[name.directory].durable.append(.init(name: name.name, inode: inode))
    }

    /// Takes a name away from cache and disk at once, as a fault does.
    mutating func removeDurably(_ name: EntryName) {
        syncEverything(in: name.directory)
        directories[name.directory].cached.removeAll { $0.name == name.name }
        directories[name.directory].durable.removeAll { $0.name == name.name }
    }

    /// Makes the pending operations of a directory durable, with everything that they depend on.
    mutating func syncEverything(in directory: Int) {
        var isDue = [Bool](repeating: false, count: pendingEntries.count)
        for later in pendingEntries.indices.reversed() {
            pendingEntries[later].unsyncedDirectories.remove(directory)
            if pendingEntries[later].unsyncedDirectories.isEmpty { isDue[later] = true }
            guard isDue[later] else { continue }
            for earlier in 0..<later where pendingEntries[later].depends(on: pendingEntries[earlier]) {
                isDue[earlier] = true
            }
        }
        for (operation, isDue) in zip(pendingEntries, isDue) where isDue {
            Self.apply(operation, to: &directories, \.durable)
        }
        pendingEntries = pendingEntries.indices.filter { !isDue[$0] }.map { pendingEntries[$0] }
        let path = directories[directory].path
        unsyncedDirectories.removeAll { directories[$0].path.parentAndName.parent == path }
    }

    /// The directories as a power cut leaves them if exactly the given pending operations, and behind them
    /// in the list unsynced directories, survive.
    func directories(surviving: [Bool]) -> [Directory] {
        var survivors = directories
        for (operation, survives) in zip(pendingEntries, surviving) where survives {
            Self.apply(operation, to: &survivors, \.durable)
        }
        for directory in survivors.indices { survivors[directory].cached = survivors[directory].durable }
        let lost = zip(unsyncedDirectories, surviving.dropFirst(pendingEntries.count))
            .filter { !$0.1 }.map { directories[$0.0].path }
        guard !lost.isEmpty else { return survivors }
        return survivors.filter { survivor in
            !lost.contains { survivor.path == $0 || survivor.path.hasPrefix($0 + "/") }
        }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, to inode: Int, at offset: Int, in store: UnitStore) {
        inodes[inode].write(bytes, at: offset, time: &time, in: store)
    }

    mutating func resize(_ inode: Int, to byteCount: Int, in store: UnitStore) {
        inodes[inode].resize(to: byteCount, time: &time, in: store)
    }

    /// The bytes that the sizes of all named files add up to.
    var usedByteCount: Int {
        directories.reduce(0) { sum, directory in
            directory.cached.reduce(sum) { $0 + inodes[$1.inode].cached.byteCount }
        }
    }

    private static func apply(
        _ operation: EntryOperation, to directories: inout [Directory],
        _ entries: WritableKeyPath<Directory, [Directory.Entry]>
    ) {
        if let removed = operation.removed {
            directories[removed.directory][keyPath: entries].removeAll { $0.name == removed.name }
        }
        if let added = operation.added {
            directories[added.directory][keyPath: entries]
                .append(.init(name: added.name, inode: operation.inode))
        }
    }
}

// A volume after a power cut.
extension Volume {
    /// The volume in which `directories` and the images of their files are all there is, and durable.
    ///
    /// - Parameter file: the file that was at a place of `inodes` in the old volume.
    init(directories survivors: [Directory], file: (Int) -> Inode) {
        self.init()
        var newInodes: [Int: Int] = [:]
        directories = survivors
        for directory in directories.indices {
            var entries = survivors[directory].cached
            for position in entries.indices {
                let old = entries[position].inode
                let new = newInodes[old] ?? inodes.count
                if newInodes.updateValue(new, forKey: old) == nil {
                    inodes.append(file(old))
                }
                entries[position].inode = new
            }
            directories[directory].durable = entries
            directories[directory].cached = entries
        }
    }

    /// A number that differs between different states (64 bits), pending changes included.
    func fingerprint(in store: UnitStore) -> UInt64 {
        var sum = Self.fingerprint(of: directories) { inodes[$0].cached.fingerprint(in: store) }
        for (position, operation) in pendingEntries.enumerated() {
            let names = [operation.removed, operation.added].map { $0?.name.fingerprint ?? 1 }
            sum = SeededRandom.mix(sum &+ names[0] &+ names[1] &* 3 &+ UInt64(position))
        }
        for directory in unsyncedDirectories {
            sum = SeededRandom.mix(sum &+ directories[directory].fingerprint)
        }
        for inode in inodes where !inode.pending.isEmpty {
            sum = SeededRandom.mix(sum &+ inode.durable.fingerprint(in: store))
            for change in inode.pending {
                let (place, content): (Int, UInt64) =
                    switch change.kind {
                    case .unit(let index, let content): (index, store.hash(of: content))
                    case .size(let byteCount): (-1, UInt64(byteCount))
                    }
                sum = SeededRandom.mix(sum &+ content &+ UInt64(bitPattern: Int64(place)) << 32)
            }
        }
        return sum
    }

    /// The fingerprint of a volume with nothing pending, whose files have the given fingerprints.
    static func fingerprint(of directories: [Directory], file: (Int) -> UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for directory in directories {
            sum &+= SeededRandom.mix(directory.fingerprint)
            for entry in directory.cached {
                sum &+= fingerprint(of: entry.name, in: directory, content: file(entry.inode))
            }
        }
        return SeededRandom.mix(sum)
    }

    /// What one file adds to the fingerprint of a state.
    private static func fingerprint(of name: String, in directory: Directory, content: UInt64) -> UInt64 {
        SeededRandom.mix(content &+ SeededRandom.mix(directory.fingerprint &+ name.fingerprint))
    }
}

extension String {
    /// A number that differs between different strings (64 bits), the same in every run.
    var fingerprint: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return SeededRandom.mix(hash)
    }

    /// The path without slashes at its end.
    var normalizedPath: String {
        var path = self[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// `a/b` gives `a` and `b`; a name without a slash lies in `.`.
    var parentAndName: (parent: String, name: String) {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", self) }
        let name = String(self[index(after: slash)...])
        return (slash == startIndex ? "/" : String(self[..<slash]), name)
    }
}
