import Disk
import Synchronization

/// Why the slots cannot be used.
package enum MetadataError: Error, Equatable {
    case disk(DiskError)
    /// Both copies of a generation are unreadable: a promise may be forgotten. No crash does that.
    case damaged(path: String)
    case incompatible(path: String, features: UInt64)
    /// A number would go beyond the highest that readers believe in. Only forged slots count so far.
    case numbersUsedUp(path: String)
    /// Another process opened the store for writing meanwhile.
    case secondWriter(path: String, ourIncarnation: UInt64, foundIncarnation: UInt64)
}

/// The slot file: two generations, two copies each, so that one damaged block never makes a server
/// forget a promise (storage design C2).
///
/// Generation g stands in slots 2g mod 4 and the next one; the second copy is begun only after the
/// first is durable. So a crash leaves at most one unreadable slot, and two in a pair are damage.
///
/// A commit holds the lock over its two writes: slots are the commit point of rolls, truncations and
/// purges, which are rare and must not overlap. Nothing on the path of a batch takes it.
package final class MetadataSlots<D: Disk>: Sendable {
    package static var fileName: String { "meta" }
    /// Slots lie this far apart, in different erase blocks and RAID stripes as far as may be.
    static var slotStride: Int { 64 * 1024 }
    static var slotCount: Int { 4 }
    static var fileByteCount: Int { slotStride * slotCount }

    private struct State {
        var generation: UInt64
        var metadata: StoreMetadata
        /// What was found at open and not written yet; see `mend`.
        var mendings: [Mending]
        /// Set by a failed write: what the slots hold is no longer known.
        var failure: MetadataError?
    }

    package let path: String
    private let file: D.File
    private let disk: D
    private let state: Mutex<State>
    /// Slots that held an unreadable or older copy at open. The first commit rewrites them.
    package let repairedSlots: [Int]

    /// Creates the slot file of a new store; durable on return.
    package static func create(
        in directory: String, metadata: StoreMetadata, on disk: D
    ) throws(DiskError) {
        let temporary = directory + "/tmp-" + fileName
        if try disk.contains("tmp-" + fileName, in: directory) { try disk.unlink(temporary) }
        let file = try disk.create(temporary, access: .buffered)
        try file.allocate(byteCount: fileByteCount)
        var image = [UInt8](repeating: 0, count: fileByteCount)
        for slot in 0..<2 {
            let start = slot * slotStride
            let bytes = SlotCoding.encode(metadata, generation: 0, slot: slot)
            image.replaceSubrange(start..<start + bytes.count, with: bytes)
        }
        try write(image, to: file)
        try file.sync(for: .slotFileSynced)
        try disk.rename(temporary, to: directory + "/" + fileName)
        try disk.syncDirectory(directory, for: .slotFileNameSynced)
    }

    private static func write(_ bytes: [UInt8], to file: D.File) throws(DiskError) {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        bytes.withUnsafeBytes { buffer.bytes.copyMemory(from: $0) }
        try file.write(UnsafeRawBufferPointer(buffer.bytes), at: 0)
    }

    /// Opens the slots and makes durable what is read. Changes nothing: whether a server may start is not
    /// known yet.
    package init(opening directory: String, on disk: D) throws(MetadataError) {
        path = directory + "/" + Self.fileName
        self.disk = disk
        do {
            file = try disk.open(path, access: .durable)
            try file.sync(for: .slotsSyncedBeforeRead)
        } catch {
            throw .disk(error)
        }
        let found = try Self.newest(of: try Self.readSlots(file), path: path)
        state = Mutex(
            State(
                generation: found.generation, metadata: found.metadata, mendings: found.mendings, failure: nil
            ))
        repairedSlots = found.mendings.map(\.slot)
    }

    /// The newest generation.
    package var metadata: StoreMetadata { state.withLock { $0.metadata } }

    /// Changes the metadata; durable, in both copies, on return.
    ///
    /// After a failed write every later commit fails too. Checks first that no other process has
    /// opened the store meanwhile, and mends what was found at open.
    package func commit(_ change: (inout StoreMetadata) -> Void) throws(MetadataError) {
        try state.withLock { state throws(MetadataError) in
            if let failure = state.failure { throw failure }
            var next = state.metadata
            change(&next)
            guard next != state.metadata else { return }
            let generation = state.generation + 1
            guard generation <= LogPosition.numberMax, next.isPlausible else {
                throw .numbersUsedUp(path: path)
            }
            let first = 2 * Int(generation % 2)
            try checkSoleWriter(state.metadata, generation: state.generation)
            do throws(MetadataError) {
                try mend(&state)
                try writeSlot(first, next, generation: generation, for: .slotFirstCopySynced)
                try writeSlot(first + 1, next, generation: generation, for: .slotSecondCopySynced)
            } catch {
                state.failure = error
                throw error
            }
            state.generation = generation
            state.metadata = next
        }
    }

    /// Rewrites copies that a crash or faults left behind, each from its partner.
    ///
    /// Those of the generation before too: the next commit overwrites one of them, and if a crash tears
    /// that write, the other must be whole, or the pair would be called damaged.
    private func mend(_ state: inout State) throws(MetadataError) {
        for mending in state.mendings {
            try writeSlot(
                mending.slot, mending.metadata, generation: mending.generation, for: .slotMendingSynced)
        }
        state.mendings = []
    }

    private func checkSoleWriter(_ metadata: StoreMetadata, generation: UInt64) throws(MetadataError) {
        for slot in 0..<Self.slotCount {
            guard case .generation(let found, let other) = try Self.readSlot(slot, of: file),
                found > generation || other.incarnation > metadata.incarnation
            else { continue }
            throw .secondWriter(
                path: path, ourIncarnation: metadata.incarnation, foundIncarnation: other.incarnation)
        }
    }

    private func writeSlot(
        _ slot: Int, _ metadata: StoreMetadata, generation: UInt64, for rule: DurabilityRule
    ) throws(MetadataError) {
        let buffer = AlignedBuffer(byteCount: SlotCoding.slotByteCount)
        SlotCoding.encode(metadata, generation: generation, slot: slot)
            .withUnsafeBytes { buffer.bytes.copyMemory(from: $0) }
        do {
            try file.writeDurably(UnsafeRawBufferPointer(buffer.bytes), at: slot * Self.slotStride, for: rule)
        } catch {
            throw .disk(error)
        }
    }
}

extension MetadataSlots {
    private struct Newest {
        var generation: UInt64
        var metadata: StoreMetadata
        /// Copies that are not what their partners are; those of the newest generation first.
        var mendings: [Mending] = []
    }

    /// What a slot must be given.
    private struct Mending {
        var slot: Int
        var generation: UInt64
        var metadata: StoreMetadata
    }

    /// Reads the metadata without writing, for tools. A copy that could be mended is left as it is.
    package static func read(in directory: String, on disk: D) throws(MetadataError) -> StoreMetadata {
        try inspect(in: directory, on: disk).metadata
    }

    /// Reads the metadata without writing, and says which slots hold a damaged copy whose partner is whole.
    ///
    /// A copy that is only older is none: so it looks while a server commits, and after a crash then.
    package static func inspect(
        in directory: String, on disk: D
    ) throws(MetadataError) -> (metadata: StoreMetadata, damagedSlots: [Int]) {
        let path = directory + "/" + fileName
        let file: D.File
        do { file = try disk.open(path, access: .read) } catch { throw .disk(error) }
        let slots = try readSlots(file)
        let newest = try newest(of: slots, path: path)
        // The second pair stays blank until generation 1 is written to it.
        let damaged = slots.indices.filter { slot in
            slots[slot] == .damaged || slots[slot] == .blank && (slot < 2 || newest.generation > 1)
        }
        return (newest.metadata, damaged)
    }

    /// Where a slot begins in the file.
    package static func byteOffset(ofSlot slot: Int) -> Int { slot * slotStride }

    private static func newest(
        of slots: [SlotCoding.Contents], path: String
    ) throws(MetadataError) -> Newest {
        var newest: Newest?
        for contents in slots {
            if case .incompatible(let features) = contents {
                throw .incompatible(path: path, features: features)
            }
            guard case .generation(let generation, let metadata) = contents else { continue }
            if let newest, newest.generation >= generation { continue }
            newest = Newest(generation: generation, metadata: metadata)
        }
        for pair in [0, 2] where slots[pair] == .damaged && slots[pair + 1] == .damaged {
            throw .damaged(path: path)
        }
        guard var newest else { throw .damaged(path: path) }
        let first = 2 * Int(newest.generation % 2)
        newest.mendings = mendings(of: slots, pair: first) + mendings(of: slots, pair: 2 - first)
        return newest
    }

    /// The copy of a pair that is unreadable or older than its partner, if one is. Of two that differ in
    /// one generation the first counts.
    private static func mendings(of slots: [SlotCoding.Contents], pair: Int) -> [Mending] {
        guard slots[pair] != slots[pair + 1] else { return [] }
        for (slot, partner) in [(pair, pair + 1), (pair + 1, pair)] {
            guard case .generation(let generation, let metadata) = slots[partner] else { continue }
            if case .generation(let other, _) = slots[slot],
                other > generation || other == generation && slot < partner
            {
                continue
            }
            return [Mending(slot: slot, generation: generation, metadata: metadata)]
        }
        return []
    }

    private static func readSlots(_ file: D.File) throws(MetadataError) -> [SlotCoding.Contents] {
        var slots: [SlotCoding.Contents] = []
        for slot in 0..<slotCount { slots.append(try readSlot(slot, of: file)) }
        return slots
    }

    private static func readSlot(_ slot: Int, of file: D.File) throws(MetadataError) -> SlotCoding.Contents {
        let buffer = AlignedBuffer(byteCount: SlotCoding.slotByteCount)
        do {
            let count = try file.read(into: buffer.bytes, at: slot * slotStride)
            guard count == SlotCoding.slotByteCount else { return .damaged }
        } catch {
            // A block that cannot be read is as good as a damaged one: the other copies decide.
            guard error.code == Errno.inputOutput else { throw .disk(error) }
            return .damaged
        }
        let bytes = UnsafeRawBufferPointer(buffer.bytes)
        return SlotCoding.decode(RawSpan(_unsafeBytes: bytes), slot: slot)
    }
}
