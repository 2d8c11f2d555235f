import ByteCoding
import Identifiers
import Simulation

@testable import Metadata

/// A slot file on a simulated disk, with means to write what no honest writer would.
struct SlotFile {
    typealias Slots = MetadataSlots<SimulatedDisk>

    static let directory = "/log"
    static let path = "/log/meta"
    static let storeID: UInt128 = 0x0123_4567_89AB_CDEF_0011_2233_4455_6677

    let disk: SimulatedDisk

    /// A new store's file; nothing but the store's identifier stands in it.
    init(on disk: SimulatedDisk = SimulatedDisk()) throws {
        self.disk = disk
        try disk.makeDirectory(Self.directory)
        try Slots.create(in: Self.directory, metadata: StoreMetadata(storeID: Self.storeID), on: disk)
    }

    func open() throws(MetadataError) -> Slots { try Slots(opening: Self.directory, on: disk) }

    func read() throws(MetadataError) -> StoreMetadata { try Slots.read(in: Self.directory, on: disk) }

    /// What stands in the four slots.
    var contents: [SlotCoding.Contents] {
        guard let bytes = disk.contents(of: Self.path) else { return [] }
        return (0..<Slots.slotCount).map { slot in
            let start = slot * Slots.slotStride
            return SlotCoding.decode(
                bytes.span.bytes.extracting(start..<start + SlotCoding.slotByteCount), slot: slot)
        }
    }

    /// The bytes of a slot.
    func bytes(of slot: Int) -> [UInt8] {
        let start = slot * Slots.slotStride
        return disk.contents(of: Self.path).map { Array($0[start..<start + SlotCoding.slotByteCount]) } ?? []
    }

    func overwrite(_ slot: Int, with bytes: [UInt8], at offset: Int = 0) {
        disk.apply(.overwrite(path: Self.path, offset: slot * Slots.slotStride + offset, bytes: bytes))
    }

    /// One bit of the slot is flipped, which no checksum lets pass.
    func damage(_ slot: Int) {
        disk.apply(.flipBit(path: Self.path, offset: slot * Slots.slotStride + 100, bit: 3))
    }
}

extension [UInt8] {
    /// These 4 KiB with a right checksum for a slot, whatever else they say.
    func sealed(for slot: Int) -> [UInt8] {
        var bytes = self
        let checksum = CRC32C.of(
            bytes.span.bytes.extracting(first: bytes.count - 4),
            continuing: CRC32C.of(littleEndian: UInt64(slot) + 1))
        bytes.replace(littleEndian: checksum, at: bytes.count - 4)
        return bytes
    }
}

extension StoreMetadata {
    /// Metadata in which every field has a value of its own.
    static var full: StoreMetadata {
        var metadata = StoreMetadata(storeID: SlotFile.storeID)
        metadata.serverID = ServerID(rawValue: 3)
        metadata.incarnation = 4
        metadata.acceptedEpoch = Epoch(rawValue: 6)
        metadata.currentEpoch = Epoch(rawValue: 5)
        metadata.firstNeededSegment = 7
        metadata.newestSegment = 9
        metadata.watermark = LogPosition(
            segment: 9, byteOffset: 12_288, ordinal: 77, lastZxid: Zxid(rawValue: 0x5_0000_0021),
            chain: 0xDEAD_BEEF)
        metadata.isCleanStop = true
        metadata.truncation = TruncationIntent(
            lastKeptZxid: Zxid(rawValue: 0x5_0000_0011), cut: metadata.watermark, successor: 10)
        metadata.snapshots = (0..<StoreMetadata.snapshotCountMax).map { index in
            SnapshotEntry(
                startZxid: Zxid(rawValue: 0x5_0000_0100 - Int64(index)),
                endZxid: Zxid(rawValue: 0x5_0000_0200 - Int64(index)), generation: UInt32(20 - index),
                byteCount: 1 << 33, footerChecksum: 0x1234_5678, treeDigest: 0xFEDC_BA98_7654_3210)
        }
        return metadata
    }
}
