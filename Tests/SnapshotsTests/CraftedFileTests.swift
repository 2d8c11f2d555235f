import ByteCoding
import Compression
import Disk
import Identifiers
import TestSupport
import Testing

@testable import Snapshots

/// Files whose checksums are right and whose numbers lie: what a hostile or buggy writer could make.
@Suite struct CraftedFileTests {
    private let nonce: UInt128 = 0x0123_4567_89AB_CDEF_0011_2233_4455_6677

    @Test func aRawLengthBeyondWhatItsStoredBytesCanHoldIsRefusedBeforeAnythingIsAllocated() throws {
        for (codec, stored) in [(Codec.lz4, 100), (.zlib, 100), (.none, 100)] {
            let limit = codec.expansionMax(of: stored)
            let error = open(block(codec: codec, raw: limit + 1, stored: stored))
            #expect(error?.part == .index)
            #expect(
                error?.defect
                    == .outOfBounds(.rawByteCount, value: UInt64(limit + 1), limit: UInt64(limit)))
        }
    }

    @Test func aRawLengthBeyondTheFormatsLimitIsRefused() throws {
        let limit = SnapshotFormat.blockByteCountMax
        let error = open(block(codec: .zlib, raw: limit + 1, stored: 1 << 20))
        #expect(
            error?.defect == .outOfBounds(.rawByteCount, value: UInt64(limit) + 1, limit: UInt64(limit)))
    }

    @Test func aStoredLengthBeyondTheFileIsRefused() throws {
        let error = open(block(codec: .none, raw: 5000, stored: 5000), storedInFile: 100)
        #expect(error?.part == .index)
        #expect(error?.isDamage == true)
    }

    @Test func moreRecordsThanBytesAreRefused() throws {
        var header = block(codec: .none, raw: 10, stored: 10)
        header.recordCount = 11
        #expect(
            open(header)?.defect == .outOfBounds(.recordCount, value: 11, limit: 10))
    }

    @Test func moreBlocksThanTheFileCanHoldAreRefused() throws {
        for count in [2, 1000, SnapshotFormat.blockCountMax, SnapshotFormat.blockCountMax + 1, Int.max] {
            let error = open(block(codec: .none, raw: 10, stored: 10), statedBlockCount: count)
            #expect(error?.part == .footer)
        }
    }

    @Test func aFooterThatSpeaksOfOtherTotalsIsRefused() throws {
        let header = block(codec: .none, raw: 10, stored: 10)
        let error = open(header, editFooter: { $0.blocks.nodeRecordCount += 1 })
        #expect(error?.part == .index)
    }

    @Test func storedBytesThatDoNotDecompressAreAnError() throws {
        for codec in [Codec.lz4, .zlib] {
            let file = craft(block(codec: codec, raw: 50, stored: 40))
            let directory = try TemporaryDirectory()
            try directory.write(file, to: "snap-x.zks")
            let reader = try SnapshotReader(directory.path + "/snap-x.zks", on: kernelDisk)
            let error = #expect(throws: SnapshotReadError.self) { try reader.decodeBlock(0) }
            #expect(error?.defect == .undecodable(codec))
        }
    }

    @Test func aNewerFormatIsNamedAndNotCalledDamage() throws {
        let sample = Sample(seed: 1)
        var major = sample.header.encoded()
        major[8] = 2
        #expect(throws: SnapshotDefect.unsupportedMajor(2)) { try decodeHeader(resealed(major)) }
        var feature = sample.header.encoded()
        feature[32] = 4
        #expect(throws: SnapshotDefect.unknownIncompatibleFeatures(4)) {
            try decodeHeader(resealed(feature))
        }
        var compatible = sample.header.encoded()
        compatible[16] = 1
        compatible[24] = 1
        #expect(try decodeHeader(resealed(compatible)).nonce == sample.header.nonce)
    }

    // MARK: Making files

    private func block(codec: Codec, raw: Int, stored: Int) -> BlockHeader {
        BlockHeader(
            kind: .block(.nodes), codec: codec, sequence: 0, rawByteCount: raw, storedByteCount: stored,
            recordCount: 1)
    }

    /// A file of one block with right checksums, whatever its numbers say.
    private func craft(
        _ block: BlockHeader, storedInFile: Int? = nil, statedBlockCount: Int = 1,
        editFooter: (inout SnapshotFooter) -> Void = { _ in }
    ) -> [UInt8] {
        var header = Sample(seed: 1).header
        header.nonce = nonce
        var file = header.encoded()
        var block = block
        var frame = [UInt8](
            repeating: 0xEE, count: SnapshotFormat.blockHeaderByteCount + block.storedByteCount)
        block.checksum = block.seal(&frame, nonce: nonce)
        file += frame.prefix(SnapshotFormat.blockHeaderByteCount + (storedInFile ?? block.storedByteCount))

        let entry = BlockEntry(block, kind: .nodes, offset: SnapshotFormat.headerByteCount)
        var totals = BlockTotals()
        totals.add(entry)
        totals.blockCount = statedBlockCount
        var entries: [UInt8] = []
        entry.encode(into: &entries)
        let indexOffset = file.count
        let index = append(entries, .index, sequence: 1, to: &file)
        var footer = SnapshotFooter(
            startZxid: header.startZxid,
            end: SnapshotEnd(
                zxid: header.startZxid, epoch: Epoch(rawValue: 5), digestVersion: 2, digest: 0,
                totals: SnapshotTotals(
                    nodeCount: 0, ephemeralCount: 0, sessionCount: 0, dataByteCount: 0, tailRecordCount: 0)
            ),
            blocks: totals, indexOffset: indexOffset, indexChecksum: index.checksum)
        editFooter(&footer)
        let footerOffset = file.count
        let last = append(
            footer.encoded(), .footer, sequence: UInt32(truncatingIfNeeded: statedBlockCount &+ 1), to: &file)
        let trailer = SnapshotTrailer(
            footerOffset: footerOffset, footerFrameByteCount: last.frameByteCount,
            footerChecksum: last.checksum, fileByteCount: file.count + SnapshotFormat.trailerByteCount)
        return file + trailer.encoded(nonce: nonce)
    }

    private func append(
        _ contents: [UInt8], _ kind: FrameKind, sequence: UInt32, to file: inout [UInt8]
    ) -> BlockHeader {
        var header = BlockHeader(
            kind: kind, codec: .none, sequence: sequence, rawByteCount: contents.count,
            storedByteCount: contents.count, recordCount: 1)
        var frame = [UInt8](repeating: 0, count: SnapshotFormat.blockHeaderByteCount) + contents
        header.checksum = header.seal(&frame, nonce: nonce)
        file += frame
        return header
    }

    private func open(
        _ block: BlockHeader, storedInFile: Int? = nil, statedBlockCount: Int = 1,
        editFooter: (inout SnapshotFooter) -> Void = { _ in }
    ) -> SnapshotReadError? {
        let file = craft(
            block, storedInFile: storedInFile, statedBlockCount: statedBlockCount, editFooter: editFooter)
        return #expect(throws: SnapshotReadError.self) {
            let directory = try TemporaryDirectory()
            try directory.write(file, to: "snap-x.zks")
            let disk = WatchedDisk(kernelDisk)
            defer { #expect(disk.bufferByteCount <= file.count) }
            _ = try SnapshotReader(directory.path + "/snap-x.zks", on: disk)
        }
    }

    private func resealed(_ header: [UInt8]) -> [UInt8] {
        var header = header
        let checksum = CRC32C.of(header.span.bytes.extracting(first: header.count - 4))
        header.replace(littleEndian: checksum, at: header.count - 4)
        return header
    }

    private func decodeHeader(_ bytes: [UInt8]) throws(SnapshotDefect) -> SnapshotHeader {
        try SnapshotHeader(decoding: bytes.span.bytes)
    }
}
