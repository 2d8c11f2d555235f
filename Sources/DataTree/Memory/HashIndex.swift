import CCacheLines

/// Finds 32-bit ids by 32-bit hashes; what an id means, and whether it is the right one, only the caller knows.
///
/// Open addressing with linear probing, eight bytes a slot. A hash's place follows from its high
/// bits, so growing moves slots in order and never asks for the keys again.
struct HashIndex: ~Copyable {
    private struct Slot: BitwiseCopyable {
        var hash: UInt32
        /// 0 marks an empty slot.
        var id: UInt32
    }

    /// A search under way.
    struct Probe {
        fileprivate let hash: UInt32
        fileprivate var place: Int
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 64
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(hash: 0, id: 0), count: capacity)
    }

    deinit { slots.deallocate() }

    var reservedByteCount: Int { capacity * MemoryLayout<Slot>.stride }

    /// Begins to look for ids with this hash.
    @inline(__always)
    func probe(_ hash: UInt32) -> Probe { Probe(hash: hash, place: home(hash)) }

    /// The next id with the probe's hash; 0 when there is none.
    @inline(__always)
    func next(_ probe: inout Probe) -> UInt32 {
        while true {
            let slot = slots[probe.place]
            if slot.id == 0 { return 0 }
            probe.place = after(probe.place)
            if slot.hash == probe.hash { return slot.id }
        }
    }

    /// The first id with this hash; 0 when there is none.
    @inline(__always)
    func first(_ hash: UInt32) -> UInt32 {
        var probe = probe(hash)
        return next(&probe)
    }

    /// Asks the processor for the memory where a search for this hash begins.
    @inline(__always)
    func prefetch(_ hash: UInt32) { ccachelines_prefetch(slots + home(hash)) }

    /// Adds an id, which must not be 0 nor be there with this hash.
    mutating func insert(_ hash: UInt32, _ id: UInt32) {
        // Four fifths full is where probes begin to get long.
        if count &* 5 >= capacity &* 4 { grow() }
        place(Slot(hash: hash, id: id))
        count += 1
    }

    /// Removes an id that is there with this hash.
    mutating func remove(_ hash: UInt32, _ id: UInt32) {
        var hole = home(hash)
        while slots[hole].id != id || slots[hole].hash != hash {
            precondition(slots[hole].id != 0, "removing what is not there")
            hole = after(hole)
        }
        // Close the gap, so that no probe ends early: whatever may move back, does.
        var place = hole
        while true {
            place = after(place)
            let slot = slots[place]
            if slot.id == 0 { break }
            let home = home(slot.hash)
            let staysPut = hole <= place ? (hole < home && home <= place) : (hole < home || home <= place)
            if staysPut { continue }
            slots[hole] = slot
            hole = place
        }
        slots[hole] = Slot(hash: 0, id: 0)
        count -= 1
    }

    @inline(__always)
    private func home(_ hash: UInt32) -> Int { Int((UInt64(hash) &* UInt64(capacity)) &>> 32) }

    @inline(__always)
    private func after(_ place: Int) -> Int {
        let next = place &+ 1
        return next == capacity ? 0 : next
    }

    private mutating func place(_ slot: Slot) {
        var place = home(slot.hash)
        while slots[place].id != 0 { place = after(place) }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        let oldCapacity = capacity
        capacity = oldCapacity + oldCapacity / 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(hash: 0, id: 0), count: capacity)
        for index in 0..<oldCapacity where old[index].id != 0 { place(old[index]) }
        old.deallocate()
    }
}
