import Jute

/// Whom one connection has proved to be, each once.
///
/// They stand in the order in which Apache's server goes through its own, a hash table of Java: whoAmI shows
/// it, and an access list in which `auth` was replaced keeps it for ever.
struct IdentitySet {
    private(set) var list: [Identity]
    /// For each of `list` what its place follows from; empty while there is only one, as with most clients.
    private var hashes: [UInt32] = []
    private(set) var byteCount: Int

    /// - Parameter first: one at most; connections of one address may share it.
    init(_ first: [Identity]) {
        list = first
        byteCount = first.reduce(0) { $0 + $1.scheme.utf8.count + $1.id.utf8.count }
    }

    var count: Int { list.count }

    func contains(_ identity: Identity) -> Bool { list.contains(identity) }

    /// Adds an identity; one that is there already stays as it is.
    mutating func insert(_ identity: Identity) {
        guard !list.contains(identity) else { return }
        if hashes.isEmpty { hashes = list.map(Self.spreadHash) }
        let hash = Self.spreadHash(of: identity)
        let slotsBefore = Self.slotCount(of: list.count)
        list.append(identity)
        hashes.append(hash)
        byteCount += identity.scheme.utf8.count + identity.id.utf8.count
        let slots = Self.slotCount(of: list.count)
        if slots != slotsBefore {
            sort(slots)
        } else {
            sink(slots)
        }
    }

    /// Moves the last one in front of those that have a later slot.
    private mutating func sink(_ slots: UInt32) {
        var place = list.count - 1
        while place > 0, hashes[place - 1] & (slots - 1) > hashes[place] & (slots - 1) {
            list.swapAt(place - 1, place)
            hashes.swapAt(place - 1, place)
            place -= 1
        }
    }

    private mutating func sort(_ slots: UInt32) {
        let order = list.indices.sorted { one, other in
            let (slot, otherSlot) = (hashes[one] & (slots - 1), hashes[other] & (slots - 1))
            return slot != otherSlot ? slot < otherSlot : one < other
        }
        list = order.map { list[$0] }
        hashes = order.map { hashes[$0] }
    }

    /// The table begins with 16 slots and doubles when it is three quarters full.
    private static func slotCount(of count: Int) -> UInt32 {
        var slots: UInt32 = 16
        while count >= Int(slots) * 3 / 4 { slots *= 2 }
        return slots
    }

    private static func spreadHash(of identity: Identity) -> UInt32 {
        let hash = 37 &* (37 &* 17 &+ javaHash(identity.scheme)) &+ javaHash(identity.id)
        return hash ^ (hash >> 16)
    }

    private static func javaHash(_ text: String) -> UInt32 {
        text.utf16.reduce(0) { 31 &* $0 &+ UInt32($1) }
    }
}
