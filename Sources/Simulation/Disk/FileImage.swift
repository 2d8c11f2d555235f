/// A file's size and content, as names of units.
///
/// What lies beyond the end is zero, in the last unit too, so that equal files have equal images.
struct FileImage: Sendable {
    private(set) var byteCount = 0
    /// Unit `i` holds the bytes from `512 * i`; units that are missing at the end are zero.
    private(set) var units: [UnitID] = []

    /// A number that differs between different images (64 bits), whatever store they are in.
    func fingerprint(in store: UnitStore) -> UInt64 {
        var sum = SeededRandom.mix(UInt64(byteCount) &+ 1)
        for (index, unit) in units.enumerated() where unit != .zero {
            sum &+= SeededRandom.mix(store.hash(of: unit) &+ UInt64(index))
        }
        return SeededRandom.mix(sum)
    }

    func unit(at index: Int) -> UnitID { index < units.count ? units[index] : .zero }

    /// Puts a unit in its place, which may lie beyond the end until `resize` cuts or covers it.
    mutating func place(_ unit: UnitID, at index: Int) {
        if index >= units.count {
            if unit == .zero { return }
            units.append(contentsOf: repeatElement(.zero, count: index + 1 - units.count))
        }
        units[index] = unit
    }

    /// Cuts or extends; what is cut reads as zero if the file grows again.
    mutating func resize(to newByteCount: Int, in store: UnitStore) {
        byteCount = newByteCount
        let wholeUnits = newByteCount / UnitStore.unitByteCount
        let rest = newByteCount % UnitStore.unitByteCount
        let kept = rest == 0 ? wholeUnits : wholeUnits + 1
        if units.count > kept { units.removeLast(units.count - kept) }
        if rest != 0, units.count == kept {
            let clipped = store.clipped(units[wholeUnits], toFirst: rest)
            if clipped != units[wholeUnits] { units[wholeUnits] = clipped }
        }
    }

    /// The unit at `index` with `bytes` laid over it from `offset` of the file on.
    func overlaid(
        _ index: Int, with bytes: UnsafeRawBufferPointer, at offset: Int, in store: UnitStore
    ) -> UnitID {
        let start = index * UnitStore.unitByteCount
        guard let source = bytes.baseAddress else { return unit(at: index) }
        if offset <= start, offset + bytes.count >= start + UnitStore.unitByteCount {
            return store.intern(source + (start - offset))
        }
        return withUnsafeTemporaryAllocation(byteCount: UnitStore.unitByteCount, alignment: 8) { scratch in
            let target = scratch.baseAddress!
            store.copy(unit(at: index), from: 0, byteCount: UnitStore.unitByteCount, to: target)
            let from = max(offset, start)
            let end = min(offset + bytes.count, start + UnitStore.unitByteCount)
            (target + (from - start)).copyMemory(from: source + (from - offset), byteCount: end - from)
            return store.intern(UnsafeRawPointer(target))
        }
    }

    /// Copies bytes from `offset` on until the buffer is full or the file ends; returns how many.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, from store: UnitStore) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        let end = min(byteCount, offset + buffer.count)
        var position = offset
        while position < end {
            let start = position % UnitStore.unitByteCount
            let count = min(UnitStore.unitByteCount - start, end - position)
            let unit = unit(at: position / UnitStore.unitByteCount)
            store.copy(unit, from: start, byteCount: count, to: base + (position - offset))
            position += count
        }
        return max(0, end - offset)
    }

    /// The indices of all units that hold bytes of a range.
    static func unitIndices(offset: Int, byteCount: Int) -> Range<Int> {
        guard byteCount > 0 else { return 0..<0 }
        let end = offset + byteCount + UnitStore.unitByteCount - 1
        return offset / UnitStore.unitByteCount..<end / UnitStore.unitByteCount
    }
}
