/// Which nodes go with which session.
struct EphemeralIndex: ~Copyable {
    private var idsByOwner: [Int64: Set<UInt32>] = [:]
    private(set) var count = 0

    var ownerCount: Int { idsByOwner.count }

    mutating func insert(_ id: UInt32, owner: Int64) {
        if idsByOwner[owner, default: []].insert(id).inserted { count += 1 }
    }

    mutating func remove(_ id: UInt32, owner: Int64) {
        guard idsByOwner[owner]?.remove(id) != nil else { return }
        count -= 1
        if idsByOwner[owner]?.isEmpty == true { idsByOwner[owner] = nil }
    }

    /// In no order: whoever lets it out sorts.
    func ids(of owner: Int64) -> Set<UInt32> { idsByOwner[owner] ?? [] }

    /// In no order: whoever lets it out sorts.
    var owners: [Int64] { Array(idsByOwner.keys) }
}

extension DataTree {
    func kind(_ owner: Int64) -> NodeKind {
        NodeKind(owner: owner, areExtendedTypesEnabled: rules.areExtendedTypesEnabled)
    }

    @inline(__always)
    mutating func noteOwner(of id: UInt32, _ owner: Int64) {
        if owner == 0 { return }
        switch kind(owner) {
        case .persistent: break
        case .ephemeral: ephemerals.insert(id, owner: owner)
        case .container, .timeToLive: expirables.insert(id)
        }
    }

    @inline(__always)
    mutating func forgetOwner(of id: UInt32, _ owner: Int64) {
        if owner == 0 { return }
        switch kind(owner) {
        case .persistent: break
        case .ephemeral: ephemerals.remove(id, owner: owner)
        case .container, .timeToLive: expirables.remove(id)
        }
    }

    /// The paths of a session's ephemeral nodes, sorted by their bytes.
    ///
    /// - Parameter byteCountMax: of a session with more of them only so many are there, and one path more.
    package func ephemeralPaths(of owner: Int64, byteCountMax: Int = .max) -> [[UInt8]] {
        var paths: [[UInt8]] = []
        var byteCount = 0
        for id in ephemerals.ids(of: owner).sorted() where byteCount < byteCountMax {
            let path = path(of: id)
            byteCount += path.count
            paths.append(path)
        }
        paths.sortByBytes()
        return paths
    }

    /// Sessions that own ephemeral nodes, sorted.
    package var ephemeralOwners: [Int64] { ephemerals.owners.sorted() }

    /// The same without those that would be a time to live if such nodes were switched on.
    package var unmistakableEphemeralOwners: [Int64] {
        ephemeralOwners.filter { NodeKind(owner: $0, areExtendedTypesEnabled: true) == .ephemeral }
    }

    /// The number of their nodes.
    package var unmistakableEphemeralCount: Int {
        unmistakableEphemeralOwners.reduce(0) { $0 + ephemerals.ids(of: $1).count }
    }
}
