import Jute

/// Each distinct access list once, known by a 32-bit id and counted by its users.
struct AccessTable: ~Copyable {
    private struct List {
        /// The Jute vector.
        var encoded: [UInt8]
        var entries: [AccessEntry]
        /// What everybody may do; what is in here needs no look at the entries.
        var permissionsOfAnyone: Permissions
        /// Not empty, no duplicates, nothing to replace: a node may have it as it stands.
        var isAcceptable: Bool
        var userCount: Int
    }

    private var lists: [List] = []
    private var freeIDs: [UInt32] = []
    private var idByEncoding: [[UInt8]: UInt32] = [:]
    /// Most lists are like the one before; comparing its bytes is cheaper than hashing them.
    private var lastID: UInt32 = 0
    /// Some list in here did not let everybody read, whether it is still in use or not.
    private(set) var hasSeenClosedList = false

    /// `world:anyone` may do everything.
    let openID: UInt32
    private let rules: AuthenticationRules

    init(_ rules: AuthenticationRules) {
        self.rules = rules
        var open: [UInt8] = []
        AccessList.encode([.open], into: &open)
        lists.append(
            List(
                encoded: open, entries: [.open], permissionsOfAnyone: .all, isAcceptable: true, userCount: 1))
        idByEncoding[open] = 0
        openID = 0
    }

    /// Distinct lists in use.
    var count: Int { lists.count - freeIDs.count }

    /// The id of an encoded list, with one more user; nil when the bytes are no list.
    mutating func intern(_ encoded: RawSpan) -> UInt32? {
        let isLast = lists[Int(lastID)].encoded.withUnsafeBytes { last in
            encoded.withUnsafeBytes { last.isEqual(to: $0) }
        }
        if isLast {
            lists[Int(lastID)].userCount += 1
            return lastID
        }
        let bytes = encoded.withUnsafeBytes { [UInt8]($0) }
        if let id = idByEncoding[bytes] {
            lists[Int(id)].userCount += 1
            lastID = id
            return id
        }
        guard let list = list(bytes) else { return nil }
        let id: UInt32
        if let free = freeIDs.popLast() {
            id = free
            lists[Int(id)] = list
        } else {
            id = UInt32(lists.count)
            lists.append(list)
        }
        idByEncoding[bytes] = id
        lastID = id
        if !list.permissionsOfAnyone.contains(.read) { hasSeenClosedList = true }
        return id
    }

    @inline(__always)
    mutating func retain(_ id: UInt32) { lists[Int(id)].userCount += 1 }

    mutating func release(_ id: UInt32) {
        lists[Int(id)].userCount -= 1
        guard lists[Int(id)].userCount == 0 else { return }
        idByEncoding[lists[Int(id)].encoded] = nil
        // Cleared, so that `lastID` cannot find it.
        lists[Int(id)] = List(
            encoded: [], entries: [], permissionsOfAnyone: [], isAcceptable: false, userCount: 0)
        freeIDs.append(id)
    }

    /// The Jute vector.
    func encoded(_ id: UInt32) -> [UInt8] { lists[Int(id)].encoded }

    func entries(_ id: UInt32) -> [AccessEntry] { lists[Int(id)].entries }

    func isAcceptable(_ id: UInt32) -> Bool { lists[Int(id)].isAcceptable }

    /// Whether any of `permissions` is granted to everybody.
    @inline(__always)
    func isOpen(_ id: UInt32, for permissions: Permissions) -> Bool {
        !lists[Int(id)].permissionsOfAnyone.isDisjoint(with: permissions)
    }

    /// A null or empty list forbids nothing. An id that is not UTF-8 matches nobody.
    private func list(_ bytes: [UInt8]) -> List? {
        do {
            var reader = JuteReader(bytes.span.bytes)
            guard try reader.accessList().byteCount == bytes.count else { return nil }
            let entries = try AccessList.decode(bytes.span.bytes) ?? []
            var anyone: Permissions = bytes.count <= 4 ? .all : []
            for entry in entries where entry.identity == .anyone { anyone.formUnion(entry.permissions) }
            let isAcceptable =
                !entries.isEmpty && Set(entries).count == entries.count
                && entries.allSatisfy { rules.isValid($0.identity) }
            return List(
                encoded: bytes, entries: entries, permissionsOfAnyone: anyone, isAcceptable: isAcceptable,
                userCount: 1)
        } catch {
            return nil
        }
    }
}
