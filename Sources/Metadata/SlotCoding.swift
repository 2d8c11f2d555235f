import ByteCoding
import Identifiers

/// One slot: 4 KiB that hold one copy of one generation (docs/log-format.md, "Metadata slots").
package enum SlotCoding {
    package static let slotByteCount = 4096
    /// "AVRYMETA", little-endian.
    static let magic: UInt64 = 0x4154_454d_5952_5641
    static let formatVersion: UInt32 = 1
    /// The slot holds an installation. Set only then: other slots are read by versions that know of none.
    static let installationFeature: UInt64 = 1
    /// Features that a reader must know to read the slot at all.
    static let knownIncompatibleFeatures = installationFeature
    /// What the byte before an intent says: which one follows.
    private enum Intent {
        static let none: UInt8 = 0
        static let truncation: UInt8 = 1
        static let installation: UInt8 = 2
    }

    /// What a slot holds.
    package enum Contents: Equatable {
        case generation(UInt64, StoreMetadata)
        /// All bytes are zero, as in a new file.
        case blank
        case damaged
        /// A newer version wrote it; the bits of the features that this one does not know.
        case incompatible(features: UInt64)
    }

    static func encode(_ metadata: StoreMetadata, generation: UInt64, slot: Int) -> [UInt8] {
        precondition(
            metadata.snapshots.count <= StoreMetadata.snapshotCountMax, "too many snapshots for a slot")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slotByteCount)
        bytes.append(littleEndian: magic)
        bytes.append(littleEndian: formatVersion)
        bytes.append(littleEndian: metadata.installation == nil ? 0 : installationFeature)
        bytes.append(littleEndian: generation)
        bytes.append(littleEndian: metadata.storeID)
        bytes.append(littleEndian: metadata.serverID.rawValue)
        bytes.append(littleEndian: metadata.incarnation)
        bytes.append(littleEndian: metadata.acceptedEpoch.rawValue)
        bytes.append(littleEndian: metadata.currentEpoch.rawValue)
        bytes.append(littleEndian: metadata.firstNeededSegment)
        bytes.append(littleEndian: metadata.newestSegment)
        metadata.watermark.encode(into: &bytes)
        bytes.append(metadata.isCleanStop ? 1 : 0)
        encodeIntent(of: metadata, into: &bytes)
        bytes.append(UInt8(metadata.snapshots.count))
        for snapshot in metadata.snapshots { encode(snapshot, into: &bytes) }
        bytes.append(contentsOf: repeatElement(0, count: slotByteCount - 4 - bytes.count))
        bytes.append(littleEndian: checksum(bytes.span.bytes, slot: slot))
        return bytes
    }

    static func decode(_ bytes: RawSpan, slot: Int) -> Contents {
        precondition(bytes.byteCount == slotByteCount, "a slot has \(slotByteCount) bytes")
        let isBlank = bytes.withUnsafeBytes { $0.allSatisfy { $0 == 0 } }
        if isBlank { return .blank }
        var reader = ByteReader(bytes.extracting(slotByteCount - 4..<slotByteCount))
        do {
            guard
                try reader.littleEndian(UInt32.self)
                    == checksum(bytes.extracting(first: slotByteCount - 4), slot: slot)
            else { return .damaged }
            let contents = try decodeFields(bytes)
            guard case .generation(let generation, let metadata) = contents else { return contents }
            // A version has one way of writing: flags of 2 or bytes behind the fields are nobody's.
            guard generation <= LogPosition.numberMax, slot / 2 == Int(generation % 2), metadata.isPlausible,
                bytes.isEqual(to: encode(metadata, generation: generation, slot: slot))
            else { return .damaged }
            return contents
        } catch {
            return .damaged
        }
    }

    private static func decodeFields(_ bytes: RawSpan) throws(ByteReader.Truncated) -> Contents {
        var reader = ByteReader(bytes)
        guard try reader.littleEndian(UInt64.self) == magic else { return .damaged }
        let version: UInt32 = try reader.littleEndian()
        let features: UInt64 = try reader.littleEndian()
        let unknown = features & ~knownIncompatibleFeatures
        guard version == formatVersion, unknown == 0 else { return .incompatible(features: unknown) }
        let generation: UInt64 = try reader.littleEndian()
        var metadata = StoreMetadata(storeID: try reader.littleEndian())
        metadata.serverID = ServerID(rawValue: try reader.littleEndian())
        metadata.incarnation = try reader.littleEndian()
        metadata.acceptedEpoch = Epoch(rawValue: try reader.littleEndian())
        metadata.currentEpoch = Epoch(rawValue: try reader.littleEndian())
        metadata.firstNeededSegment = try reader.littleEndian()
        metadata.newestSegment = try reader.littleEndian()
        metadata.watermark = try LogPosition(from: &reader)
        metadata.isCleanStop = try reader.littleEndian(UInt8.self) != 0
        try decodeIntent(of: &metadata, &reader)
        let count = Int(try reader.littleEndian(UInt8.self))
        guard count <= StoreMetadata.snapshotCountMax else { return .damaged }
        for _ in 0..<count { metadata.snapshots.append(try decodeSnapshot(&reader)) }
        return .generation(generation, metadata)
    }

    private static func encodeIntent(of metadata: StoreMetadata, into bytes: inout [UInt8]) {
        if let intent = metadata.truncation {
            bytes.append(Intent.truncation)
            bytes.append(littleEndian: intent.lastKeptZxid.rawValue)
            intent.cut.encode(into: &bytes)
            bytes.append(littleEndian: intent.successor)
        } else if let intent = metadata.installation {
            bytes.append(Intent.installation)
            bytes.append(littleEndian: intent.startZxid.rawValue)
            bytes.append(littleEndian: intent.generation)
        } else {
            bytes.append(Intent.none)
        }
    }

    /// What is neither of the two intents is found by encoding it again.
    private static func decodeIntent(
        of metadata: inout StoreMetadata, _ reader: inout ByteReader
    ) throws(ByteReader.Truncated) {
        switch try reader.littleEndian(UInt8.self) {
        case Intent.truncation:
            metadata.truncation = TruncationIntent(
                lastKeptZxid: Zxid(rawValue: try reader.littleEndian()),
                cut: try LogPosition(from: &reader),
                successor: try reader.littleEndian())
        case Intent.installation:
            metadata.installation = InstallationIntent(
                startZxid: Zxid(rawValue: try reader.littleEndian()), generation: try reader.littleEndian())
        default: break
        }
    }

    private static func encode(_ snapshot: SnapshotEntry, into bytes: inout [UInt8]) {
        bytes.append(littleEndian: snapshot.startZxid.rawValue)
        bytes.append(littleEndian: snapshot.endZxid.rawValue)
        bytes.append(littleEndian: snapshot.generation)
        bytes.append(littleEndian: snapshot.byteCount)
        bytes.append(littleEndian: snapshot.footerChecksum)
        bytes.append(littleEndian: snapshot.treeDigest)
    }

    private static func decodeSnapshot(
        _ reader: inout ByteReader
    ) throws(ByteReader.Truncated) -> SnapshotEntry {
        SnapshotEntry(
            startZxid: Zxid(rawValue: try reader.littleEndian()),
            endZxid: Zxid(rawValue: try reader.littleEndian()),
            generation: try reader.littleEndian(),
            byteCount: try reader.littleEndian(),
            footerChecksum: try reader.littleEndian(),
            treeDigest: try reader.littleEndian())
    }

    /// Seeded with the slot's number, so that a copy written to the wrong slot does not count.
    private static func checksum(_ bytes: RawSpan, slot: Int) -> UInt32 {
        CRC32C.of(bytes, continuing: CRC32C.of(littleEndian: UInt64(slot) + 1))
    }
}

extension RawSpan {
    fileprivate func isEqual(to other: [UInt8]) -> Bool {
        let words = byteCount / 8
        return byteCount == other.count
            && withUnsafeBytes { mine in
                other.withUnsafeBytes { theirs in
                    (0..<words).allSatisfy { word in
                        mine.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
                            == theirs.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
                    } && mine[(words * 8)...].elementsEqual(theirs[(words * 8)...])
                }
            }
    }
}
