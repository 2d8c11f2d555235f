/// One change of a file that no sync has made durable yet.
struct PendingChange: Sendable {
    enum Kind: Sendable, Equatable {
        /// A unit got a new content.
        case unit(index: Int, content: UnitID)
        /// The file got a new size.
        case size(byteCount: Int)
    }

    /// Position in the order of all changes of the disk.
    var time: Int
    var kind: Kind
    /// A sync failed and left the change marked as clean: no later sync writes it, yet it may have
    /// reached the disk.
    var isAbandoned = false
}

/// A file without its names: what reads see, what is on the disk for certain, and what lies between.
struct Inode: Sendable {
    /// The newest content, as the page cache shows it.
    private(set) var cached = FileImage()
    /// What a power cut leaves if it takes everything that it may take.
    private(set) var durable = FileImage()
    /// In the order in which they were made.
    private(set) var pending: [PendingChange] = []
    /// Whether the cache shows bytes that were lost on the way to the disk.
    private var hasLostWrites = false
    /// Units that the disk cannot read until they are written again.
    var unreadable: Set<Int> = []

    init() {}

    /// A file that is durable as it stands.
    init(durable image: FileImage, unreadable: Set<Int> = []) {
        cached = image
        durable = image
        self.unreadable = unreadable
    }

    /// Whether a sync of the file would change what a power cut can leave.
    var isClean: Bool { pending.allSatisfy(\.isAbandoned) }

    mutating func write(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, time: inout Int, in store: UnitStore
    ) {
        let end = offset + bytes.count
        if end > cached.byteCount && !bytes.isEmpty { resize(to: end, time: &time, in: store) }
        for index in FileImage.unitIndices(offset: offset, byteCount: bytes.count) {
            let content = cached.overlaid(index, with: bytes, at: offset, in: store)
            cached.place(content, at: index)
            time += 1
            pending.append(PendingChange(time: time, kind: .unit(index: index, content: content)))
        }
    }

    mutating func resize(to byteCount: Int, time: inout Int, in store: UnitStore) {
        guard byteCount != cached.byteCount else { return }
        cached.resize(to: byteCount, in: store)
        time += 1
        pending.append(PendingChange(time: time, kind: .size(byteCount: byteCount)))
    }

    /// Makes everything durable that was not abandoned.
    mutating func sync(in store: UnitStore) {
        if !unreadable.isEmpty { unreadable.subtract(pending.compactMap(\.unitIndex)) }
        guard hasLostWrites || pending.contains(where: \.isAbandoned) else {
            durable = cached
            pending.removeAll()
            return
        }
        let units = Set(pending.compactMap { $0.isAbandoned ? nil : $0.unitIndex })
        settle(in: store) { !$0.isAbandoned }
        pending.removeAll { change in
            !change.isAbandoned || change.unitIndex.map { units.contains($0) } ?? false
        }
    }

    /// Makes the given units durable, and the size as far as reading them back needs it and no further:
    /// a write with O_DSYNC promises no more.
    mutating func sync(units: Range<Int>, end: Int, in store: UnitStore) {
        if !neverShrinks {
            // A cut that came later would take the units with it, so all sizes go first.
            settle(in: store) { $0.unitIndex == nil }
            pending.removeAll { $0.unitIndex == nil }
        } else if durable.byteCount < end {
            durable.resize(to: end, in: store)
            pending.removeAll { $0.byteCount.map { $0 <= end } ?? false }
        }
        settle(in: store) { $0.unitIndex.map { units.contains($0) } ?? false }
        pending.removeAll { $0.unitIndex.map { units.contains($0) } ?? false }
        if !unreadable.isEmpty { unreadable.subtract(units) }
    }

    /// What a power cut leaves if of the pending changes exactly those that `survives` reach the disk.
    func image(in store: UnitStore, where survives: (Int) -> Bool) -> FileImage {
        var image = durable
        for (position, change) in pending.enumerated() where survives(position) {
            switch change.kind {
            case .unit(let index, let content): image.place(content, at: index)
            case .size(let byteCount): image.resize(to: byteCount, in: store)
            }
        }
        // Units that were written behind an end that did not move are out of reach.
        image.resize(to: image.byteCount, in: store)
        return image
    }

    /// Whether no pending change makes the file smaller.
    var neverShrinks: Bool {
        var byteCount = durable.byteCount
        for case .size(let next) in pending.lazy.map(\.kind) {
            if next < byteCount { return false }
            byteCount = next
        }
        return true
    }

    private mutating func settle(in store: UnitStore, _ isSettled: (PendingChange) -> Bool) {
        durable = image(in: store) { isSettled(pending[$0]) }
    }
}

extension PendingChange {
    /// The unit that changed; nil for a size.
    var unitIndex: Int? {
        if case .unit(let index, _) = kind { index } else { nil }
    }

    /// The new size; nil for a unit.
    var byteCount: Int? {
        if case .size(let byteCount) = kind { byteCount } else { nil }
    }
}

// What failed syncs and bad disks do.
extension Inode {
    /// A sync failed and the cache keeps showing what it holds, although it will never be written.
    mutating func abandonPendingUnits() {
        for position in pending.indices where pending[position].unitIndex != nil {
            pending[position].isAbandoned = true
        }
    }

    /// A sync failed and the cache forgot what it held; reads see the disk again.
    mutating func dropPendingUnits(in store: UnitStore) {
        pending.removeAll { $0.unitIndex != nil }
        readBack(in: store)
    }

    /// Of the pending units, each reaches the disk or is abandoned as a coin falls.
    mutating func syncPartly(_ random: inout SeededRandom, in store: UnitStore) {
        let landed = pending.map { $0.unitIndex == nil || random.oneIn(2) }
        durable = image(in: store) { landed[$0] }
        pending = pending.indices.filter { !landed[$0] }.map { pending[$0] }
        abandonPendingUnits()
    }

    /// Forgets what the cache alone holds of abandoned changes: later reads see the disk.
    mutating func dropCache(in store: UnitStore) {
        guard pending.contains(where: \.isAbandoned) || hasLostWrites else { return }
        pending.removeAll(where: \.isAbandoned)
        hasLostWrites = false
        readBack(in: store)
    }

    /// Shows the write in the cache, without any chance that it reaches the disk.
    mutating func writeToCacheOnly(_ bytes: UnsafeRawBufferPointer, at offset: Int, in store: UnitStore) {
        let end = min(offset + bytes.count, cached.byteCount)
        guard offset < end else { return }
        let visible = UnsafeRawBufferPointer(rebasing: bytes[..<(end - offset)])
        for index in FileImage.unitIndices(offset: offset, byteCount: visible.count) {
            cached.place(cached.overlaid(index, with: visible, at: offset, in: store), at: index)
        }
        hasLostWrites = true
    }

    /// Changes cache and disk at once, within the file's size.
    mutating func overwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int, in store: UnitStore) {
        for index in FileImage.unitIndices(offset: offset, byteCount: bytes.count) {
            durable.place(durable.overlaid(index, with: bytes, at: offset, in: store), at: index)
            cached.place(cached.overlaid(index, with: bytes, at: offset, in: store), at: index)
        }
        durable.resize(to: durable.byteCount, in: store)
        cached.resize(to: cached.byteCount, in: store)
    }

    private mutating func readBack(in store: UnitStore) { cached = image(in: store) { _ in true } }
}
