import ByteCoding
import Identifiers
import Simulation
import Testing

@testable import Metadata

/// One slot's bytes.
enum SlotBytes {
    static let slot = 2

    static func encoded(_ metadata: StoreMetadata) -> [UInt8] {
        SlotCoding.encode(metadata, generation: 9, slot: slot)
    }

    /// What a slot says once its checksum is right; nil if that is nothing.
    static func decoded(_ bytes: [UInt8]) -> StoreMetadata? {
        guard case .generation(_, let metadata) = SlotCoding.decode(sealed(bytes).span.bytes, slot: slot)
        else {
            return nil
        }
        return metadata
    }

    static func sealed(_ bytes: [UInt8], for slot: Int = slot) -> [UInt8] {
        var bytes = bytes
        let checksum = CRC32C.of(
            bytes.span.bytes.extracting(first: bytes.count - 4),
            continuing: CRC32C.of(littleEndian: UInt64(slot) + 1))
        bytes.replace(littleEndian: checksum, at: bytes.count - 4)
        return bytes
    }
}

/// The slot file.
extension FuzzTests {
    private static func metadata(_ random: inout SeededRandom) -> StoreMetadata {
        var metadata = StoreMetadata(storeID: UInt128(random.next()))
        metadata.incarnation = random.next() >> 3
        metadata.isCleanStop = random.oneIn(2)
        metadata.newestSegment = random.next() >> 3
        if random.oneIn(2) {
            metadata.truncation = TruncationIntent(
                lastKeptZxid: Zxid(rawValue: 5), cut: .start, successor: random.next() >> 3)
        }
        for _ in 0..<random.below(StoreMetadata.snapshotCountMax + 1) {
            metadata.snapshots.append(
                SnapshotEntry(
                    startZxid: Zxid(rawValue: random.interestingNumber(near: 0)), endZxid: .zero,
                    generation: 1, byteCount: random.next(), footerChecksum: 2, treeDigest: random.next()))
        }
        return metadata
    }

    @Test func forgedSlots() {
        FuzzRun.target("slot-forged", rounds: 60_000) { random in
            var bytes = SlotBytes.encoded(Self.metadata(&random))
            if random.oneIn(10) { bytes = random.bytes(bytes.count) }
            for _ in 0..<1 + random.below(3) {
                let end = random.oneIn(4) ? bytes.count : 500
                Mutation.overwriteOnce(&bytes, in: 0..<end, &random)
            }
            bytes = SlotBytes.sealed(bytes)
            try FuzzRun.decoding(bytes.count) {
                guard
                    case .generation(let generation, let metadata) =
                        SlotCoding.decode(bytes.span.bytes, slot: SlotBytes.slot)
                else { return }
                let again = SlotCoding.encode(metadata, generation: generation, slot: SlotBytes.slot)
                try demand(again == bytes, "\(metadata) is written otherwise")
            }
        }
    }

    @Test func damagedSlotFiles() {
        FuzzRun.target("slot-file", rounds: 20_000) { random in
            let metadata = Self.metadata(&random)
            var older = metadata
            older.incarnation &-= 1
            typealias Slots = MetadataSlots<BytesDisk>
            var file = [UInt8](repeating: 0, count: Slots.fileByteCount)
            for slot in 0..<Slots.slotCount {
                let bytes = SlotCoding.encode(
                    slot < 2 ? older : metadata, generation: slot < 2 ? 4 : 5, slot: slot)
                let start = slot * Slots.slotStride
                file.replaceSubrange(start..<start + bytes.count, with: bytes)
            }
            for _ in 0..<1 + random.below(3) {
                let start = random.below(Slots.slotCount) * Slots.slotStride
                Mutation.overwriteOnce(&file, in: start..<start + SlotCoding.slotByteCount, &random)
            }
            if random.oneIn(6) { file.removeLast(random.below(file.count)) }
            let disk = BytesDisk(files: ["/log/meta": file])
            let found: StoreMetadata
            do throws(MetadataError) {
                found = try Slots.read(in: "/log", on: disk)
            } catch {
                return try demand(error == .damaged(path: "/log/meta"), "\(error)")
            }
            // Where both newer copies are bad, nobody believes the older ones.
            try demand(found == metadata, "another generation was read")
        }
    }
}
