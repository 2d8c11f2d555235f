import ByteCoding
import Compression
import Identifiers
import Simulation

@testable import Snapshots

/// A snapshot as a server wrote it, as bytes.
struct SnapshotSample: Sendable {
    static let samples = Codec.allCases.map { make($0) }
    static let path = "/snap/snap-0000000500000010-00000007.zks"

    let bytes: [UInt8]
    let nonce: UInt128
    let entries: [BlockEntry]
    let indexOffset: Int
    let blocks: [SnapshotBlock]

    private static func make(_ codec: Codec) -> SnapshotSample {
        do {
            return try write(codec)
        } catch {
            preconditionFailure("the sample cannot be written: \(error)")
        }
    }

    private static func write(_ codec: Codec) throws -> SnapshotSample {
        var random = SeededRandom(seed: UInt64(codec.rawValue))
        let disk = SimulatedDisk()
        try disk.makeDirectory("/snap")
        let header = SnapshotHeader(
            storeID: 77, nonce: 0x0123_4567_89AB_CDEF_0011_2233_4455_6677,
            startZxid: Zxid(rawValue: 0x5_0000_0010), generation: 7, creationTime: 1_700_000_000_000,
            codec: codec)
        let pacing = SnapshotPacing(
            byteCountPerSecond: nil, expectedByteCount: 0, reservedByteCount: 0, pause: { _ in })
        var writer = try SnapshotWriter(on: disk, directory: "/snap", header: header, pacing: pacing)
        var tailRecordCount = 0
        for kind in [BlockKind.configuration, .sessions, .nodes, .nodes, .tail] {
            var piece = random.bytes(100 + random.below(900)).map { random.oneIn(2) ? $0 : 65 }
            if kind == .tail {
                piece = []
                for _ in 0..<5 {
                    TailReader.encode(record: random.bytes(random.below(200)).span.bytes, into: &piece)
                }
                tailRecordCount = 5
            }
            try writer.append(kind, recordCount: 5, bytes: piece.span)
            try writer.endBlock()
        }
        let written = try writer.finish(
            SnapshotEnd(
                zxid: Zxid(rawValue: 0x5_0000_0030), epoch: Epoch(rawValue: 5), digestVersion: 2, digest: 99,
                totals: SnapshotTotals(
                    nodeCount: 10, ephemeralCount: 0, sessionCount: 5, dataByteCount: 100,
                    tailRecordCount: tailRecordCount)))
        let reader = try SnapshotReader(written.path, on: disk)
        return SnapshotSample(
            bytes: disk.contents(of: written.path) ?? [], nonce: header.nonce,
            entries: try (0..<reader.blockCount).map { try reader.entry(at: $0) },
            indexOffset: reader.footer.indexOffset,
            blocks: try (0..<reader.blockCount).map { try reader.decodeBlock($0) })
    }

    private var footerOffset: Int {
        indexOffset + SnapshotFormat.blockHeaderByteCount
            + entries.count * SnapshotFormat.indexEntryByteCount
    }

    /// Makes every checksum right again from the front to the back, in bytes of the same layout.
    func seal(_ bytes: inout [UInt8]) {
        let frameHeader = SnapshotFormat.blockHeaderByteCount
        bytes.replace(
            littleEndian: CRC32C.of(bytes.span.bytes.extracting(0..<SnapshotFormat.headerByteCount - 4)),
            at: SnapshotFormat.headerByteCount - 4)
        for (number, entry) in entries.enumerated() {
            let checksum = sealFrame(&bytes, entry.offset..<entry.endOffset, sequence: number)
            let place = indexOffset + frameHeader + number * SnapshotFormat.indexEntryByteCount + 20
            bytes.replace(littleEndian: checksum, at: place)
        }
        let index = sealFrame(&bytes, indexOffset..<footerOffset, sequence: entries.count)
        // The index's checksum stands behind 8+8+4+4+8 bytes and twelve counts of the footer.
        bytes.replace(littleEndian: index, at: footerOffset + frameHeader + 32 + 12 * 8)
        let trailer = bytes.count - SnapshotFormat.trailerByteCount
        let footer = sealFrame(&bytes, footerOffset..<trailer, sequence: entries.count + 1)
        bytes.replace(littleEndian: footer, at: trailer + 28)
        let checksum = CRC32C.of(
            bytes.span.bytes.extracting(trailer..<bytes.count - 4), continuing: CRC32C.of(nonce: nonce))
        bytes.replace(littleEndian: checksum, at: bytes.count - 4)
    }

    private func sealFrame(_ bytes: inout [UInt8], _ range: Range<Int>, sequence: Int) -> UInt32 {
        let seed = CRC32C.of(littleEndian: UInt64(sequence), continuing: CRC32C.of(nonce: nonce))
        let checksum = CRC32C.of(
            bytes.span.bytes.extracting(range.lowerBound + 4..<range.upperBound), continuing: seed)
        bytes.replace(littleEndian: checksum, at: range.lowerBound)
        return checksum
    }

    /// The places where numbers stand.
    func fields(_ random: inout SeededRandom) -> Range<Int> {
        let frameHeader = SnapshotFormat.blockHeaderByteCount
        switch random.below(6) {
        case 0: return 8..<100
        case 1:
            let entry = random.element(of: entries)
            return entry.offset + 4..<entry.offset + frameHeader
        case 2:
            let entry = random.element(of: entries)
            return entry.offset + frameHeader..<entry.endOffset
        case 3: return indexOffset + 4..<footerOffset
        case 4: return footerOffset + 4..<bytes.count - SnapshotFormat.trailerByteCount
        default: return bytes.count - SnapshotFormat.trailerByteCount..<bytes.count - 4
        }
    }
}
