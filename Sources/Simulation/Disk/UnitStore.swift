/// Names the content of one unit in a `UnitStore`. Equal contents of one store have equal names.
struct UnitID: Hashable, Sendable {
    var rawValue: UInt32

    /// The unit that is all zero; every store has it.
    static let zero = UnitID(rawValue: 0)
}

/// The contents of all units of a simulated disk, each content stored once and never changed.
///
/// A file is then a list of 4-byte names, so that a crash state costs a copy of names and no byte of
/// content. The disk of a crash state gets its own store on top of the one it came from: it finds
/// what was there when it was made, and what it adds goes away with it.
final class UnitStore {
    /// A disk writes this many bytes at once or not at all.
    static let unitByteCount = 512

    private let parent: UnitStore?
    /// Smaller names belong to the parent. Names that the parent gives out later are not ours to see.
    private let firstLocal: UInt32
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    private var hashes: [UInt64] = []
    /// Open addressing; an empty place holds 0, which names the zero unit and is never entered.
    private var table: [UInt32] = []

    init(on parent: UnitStore? = nil) {
        self.parent = parent
        firstLocal = parent?.nextName ?? 1
    }

    deinit { memory?.deallocate() }

    private var nextName: UInt32 { firstLocal + UInt32(hashes.count) }

    /// The name of the 512 bytes at `bytes`; stores them if they are new.
    func intern(_ bytes: UnsafeRawPointer) -> UnitID {
        if Self.isZero(bytes) { return .zero }
        let hash = Self.hash(of: bytes)
        var store = self
        var limit = nextName
        while true {
            if let name = store.find(bytes, hash, below: limit) { return UnitID(rawValue: name) }
            guard let next = store.parent else { break }
            limit = store.firstLocal
            store = next
        }
        return add(bytes, hash)
    }

    /// The unit's first `byteCount` bytes followed by zeroes.
    func clipped(_ unit: UnitID, toFirst byteCount: Int) -> UnitID {
        guard unit != .zero, byteCount < Self.unitByteCount else { return unit }
        return withUnsafeTemporaryAllocation(byteCount: Self.unitByteCount, alignment: 8) { scratch in
            copy(unit, from: 0, byteCount: byteCount, to: scratch.baseAddress!)
            scratch[byteCount...].initializeMemory(as: UInt8.self, repeating: 0)
            return intern(UnsafeRawPointer(scratch.baseAddress!))
        }
    }

    /// Copies `byteCount` bytes of a unit, beginning at its byte `start`.
    @inline(__always)
    func copy(_ unit: UnitID, from start: Int, byteCount: Int, to target: UnsafeMutableRawPointer) {
        if unit == .zero {
            target.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        } else {
            target.copyMemory(from: address(of: unit) + start, byteCount: byteCount)
        }
    }

    /// A number that differs between different contents (64 bits); 0 for the zero unit.
    func hash(of unit: UnitID) -> UInt64 {
        if unit == .zero { return 0 }
        let store = owner(of: unit)
        return store.hashes[Int(unit.rawValue - store.firstLocal)]
    }

    private func owner(of unit: UnitID) -> UnitStore {
        var store = self
        while unit.rawValue < store.firstLocal, let parent = store.parent { store = parent }
        return store
    }

    private func address(of unit: UnitID) -> UnsafeRawPointer {
        let store = owner(of: unit)
        guard let memory = store.memory else { preconditionFailure("unit \(unit) of no store") }
        return UnsafeRawPointer(memory) + Int(unit.rawValue - store.firstLocal) * Self.unitByteCount
    }

    private func find(_ bytes: UnsafeRawPointer, _ hash: UInt64, below limit: UInt32) -> UInt32? {
        guard !table.isEmpty, let memory else { return nil }
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != 0 {
            let name = table[place]
            let index = Int(name - firstLocal)
            if hashes[index] == hash, name < limit,
                Self.isEqual(bytes, UnsafeRawPointer(memory) + index * Self.unitByteCount)
            {
                return name
            }
            place = (place + 1) & mask
        }
        return nil
    }

    private func add(_ bytes: UnsafeRawPointer, _ hash: UInt64) -> UnitID {
        let index = hashes.count
        let name = nextName
        let room = reserve(index + 1)
        (room + index * Self.unitByteCount).copyMemory(from: bytes, byteCount: Self.unitByteCount)
        hashes.append(hash)
        enter(name, hash)
        return UnitID(rawValue: name)
    }

    private func enter(_ name: UInt32, _ hash: UInt64) {
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != 0 { place = (place + 1) & mask }
        table[place] = name
    }

    /// Memory for `count` units, and a table at most half full with them.
    private func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        if let memory, count <= capacity { return memory }
        capacity = max(16, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * Self.unitByteCount, alignment: 64)
        if let memory {
            larger.copyMemory(from: memory, byteCount: hashes.count * Self.unitByteCount)
            memory.deallocate()
        }
        memory = larger
        table = Array(repeating: 0, count: capacity * 2)
        for (index, hash) in hashes.enumerated() { enter(firstLocal + UInt32(index), hash) }
        return larger
    }
}

// Words of a unit. The bytes may lie at any address.
extension UnitStore {
    private static func isZero(_ bytes: UnsafeRawPointer) -> Bool {
        for offset in stride(from: 0, to: unitByteCount, by: 8)
        where bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 {
            return false
        }
        return true
    }

    private static func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer) -> Bool {
        for offset in stride(from: 0, to: unitByteCount, by: 8)
        where left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        {
            return false
        }
        return true
    }

    private static func hash(of bytes: UnsafeRawPointer) -> UInt64 {
        var hash: UInt64 = 0x2545_F491_4F6C_DD1D
        for offset in stride(from: 0, to: unitByteCount, by: 16) {
            let first = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let second = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            let product = (first ^ hash).multipliedFullWidth(by: second ^ 0xA076_1D64_78BD_642F)
            hash = (product.high ^ product.low) &+ hash &* 0x9E37_79B9_7F4A_7C15
        }
        return SeededRandom.mix(hash)
    }
}
