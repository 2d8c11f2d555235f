import Identifiers

/// A path with limits for all that is at and below it.
struct Quota {
    /// As stored; never the root's.
    let path: [UInt8]
    let hash: UInt32
    /// The node that holds the limits.
    var limits: UInt32
    /// The node that holds the statistics; 0 when there is none, and then nothing is counted or refused.
    var statistics: UInt32 = 0
    /// What changes that are prepared and not applied will add.
    var pendingCount: Int64 = 0
    var pendingByteCount: Int64 = 0
}

/// The quotas that are set, found by the paths below them in time that depends on neither their number nor
/// the depth of the tree: by the depths at which there are any.
struct QuotaTable: ~Copyable {
    /// Below this there is no quota; so nobody can make each write look for thousands.
    static let depthMax = 64

    /// A prepared change, to be taken out of what is pending when it has been applied.
    private struct Change {
        var zxid: Zxid
        var id: UInt32
        var count: Int64
        var byteCount: Int64
    }

    private let hash: SeededHash
    /// By their ids, from 1.
    private var quotas: [Quota?] = [nil]
    private var freeIDs: [UInt32] = []
    private var index = HashIndex()
    /// How many quotas there are for paths of so many components.
    private var countsByDepth = [Int](repeating: 0, count: depthMax + 1)
    private var changes: [Change] = []

    init(hash: SeededHash) { self.hash = hash }

    var isEmpty: Bool { count == 0 }
    private(set) var count = 0

    /// The quota with this id, which must be one.
    subscript(id: UInt32) -> Quota {
        get {
            guard let quota = quotas[Int(id)] else { preconditionFailure("no such quota") }
            return quota
        }
        set { quotas[Int(id)] = newValue }
    }

    /// In no order: whoever lets it out sorts.
    func forEach(_ body: (Quota) -> Void) {
        for case .some(let quota) in quotas { body(quota) }
    }

    /// The quota of exactly this stored path; 0 when there is none.
    func find(_ path: RawSpan) -> UInt32 {
        var probe = index.probe(hash(path))
        while true {
            let id = index.next(&probe)
            if id == 0 || Path.isEqual(self[id].path.span.bytes, path) { return id }
        }
    }

    /// The quota that holds for a stored path, which is the one of the longest path; 0 when there is none.
    func find(holdingFor path: RawSpan) -> UInt32 {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.depthMax + 1) { ends in
            var depth = 0
            var index = 1
            while index <= path.byteCount, depth < Self.depthMax {
                if index == path.byteCount || Path.byte(path, index) == Path.slash {
                    depth += 1
                    ends[depth] = index
                }
                index += 1
            }
            while depth > 0 {
                if countsByDepth[depth] > 0 {
                    let id = find(path.extracting(first: ends[depth]))
                    if id != 0 { return id }
                }
                depth -= 1
            }
            return 0
        }
    }

    /// Adds a quota for a path that has none; 0 if the path is too deep.
    mutating func insert(_ path: RawSpan, limits: UInt32) -> UInt32 {
        let depth = Self.depth(path)
        if depth > Self.depthMax { return 0 }
        let hash = hash(path)
        let quota = Quota(path: path.withUnsafeBytes { [UInt8]($0) }, hash: hash, limits: limits)
        let id = freeIDs.popLast() ?? UInt32(quotas.count)
        if Int(id) == quotas.count { quotas.append(quota) } else { quotas[Int(id)] = quota }
        index.insert(hash, id)
        countsByDepth[depth] += 1
        count += 1
        return id
    }

    mutating func remove(_ id: UInt32) {
        let quota = self[id]
        index.remove(quota.hash, id)
        quotas[Int(id)] = nil
        freeIDs.append(id)
        changes.removeAll { $0.id == id }
        countsByDepth[Self.depth(quota.path.span.bytes)] -= 1
        count -= 1
    }

    private static func depth(_ path: RawSpan) -> Int {
        path.withUnsafeBytes { bytes in bytes.count { $0 == Path.slash } }
    }

    // MARK: Changes in flight

    /// Notes that a prepared record will change what a quota counts.
    mutating func addPending(_ id: UInt32, count: Int64, byteCount: Int64, zxid: Zxid) {
        changes.append(Change(zxid: zxid, id: id, count: count, byteCount: byteCount))
        self[id].pendingCount &+= count
        self[id].pendingByteCount &+= byteCount
    }

    /// The records up to `zxid` have been applied, or will never be.
    mutating func dropPending(upTo zxid: Zxid) {
        if changes.isEmpty { return }
        let kept = changes.firstIndex { $0.zxid > zxid } ?? changes.count
        for change in changes[..<kept] { takeBack(change) }
        changes.removeFirst(kept)
    }

    /// The last record that was prepared is prepared no more.
    mutating func forgetPending(of zxid: Zxid) {
        while let last = changes.last, last.zxid == zxid {
            takeBack(last)
            changes.removeLast()
        }
    }

    private mutating func takeBack(_ change: Change) {
        self[change.id].pendingCount &-= change.count
        self[change.id].pendingByteCount &-= change.byteCount
    }
}
