import ByteCoding
import Compression
import Disk
import Identifiers

/// Reads the parts of a snapshot that stand around its blocks, and checks each before the next.
struct SnapshotSource<File: DiskFile>: Sendable {
    let file: File
    let path: String

    /// The file's length, which every other length is held against; throws if no snapshot is so short.
    func byteCount() throws(SnapshotReadError) -> Int {
        let byteCount: Int
        do throws(DiskError) {
            byteCount = try file.byteCount()
        } catch {
            throw failure(.header, at: 0, .disk(error))
        }
        guard byteCount >= SnapshotFormat.fileByteCountMin else {
            throw failure(
                .header, at: 0,
                .truncated(neededByteCount: SnapshotFormat.fileByteCountMin, foundByteCount: byteCount))
        }
        return byteCount
    }

    /// Bytes that must be there. The caller has checked the length against the file's.
    func bytes(
        at offset: Int, byteCount: Int, part: SnapshotPart
    ) throws(SnapshotReadError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let found: Int
        do throws(DiskError) {
            let file = file
            var destination = bytes.mutableSpan
            found = try destination.withUnsafeMutableBytes { (buffer) throws(DiskError) in
                try file.read(into: buffer, at: offset)
            }
        } catch {
            throw failure(part, at: offset, .disk(error))
        }
        guard found == byteCount else {
            throw failure(part, at: offset, .truncated(neededByteCount: byteCount, foundByteCount: found))
        }
        return bytes
    }

    func header() throws(SnapshotReadError) -> SnapshotHeader {
        let bytes = try bytes(at: 0, byteCount: SnapshotFormat.headerByteCount, part: .header)
        do throws(SnapshotDefect) {
            return try SnapshotHeader(decoding: bytes.span.bytes)
        } catch {
            throw failure(.header, at: 0, error)
        }
    }

    func trailer(nonce: UInt128, fileByteCount: Int) throws(SnapshotReadError) -> SnapshotTrailer {
        let offset = fileByteCount - SnapshotFormat.trailerByteCount
        let bytes = try bytes(at: offset, byteCount: SnapshotFormat.trailerByteCount, part: .trailer)
        do throws(SnapshotDefect) {
            return try SnapshotTrailer(
                decoding: bytes.span.bytes, nonce: nonce, fileByteCount: fileByteCount)
        } catch {
            throw failure(.trailer, at: offset, error)
        }
    }

    func footer(
        _ trailer: SnapshotTrailer, header: SnapshotHeader
    ) throws(SnapshotReadError) -> SnapshotFooter {
        // The trailer's decoder has put the footer right before itself; it may still reach too low.
        let offset = trailer.footerOffset
        guard offset >= SnapshotFormat.headerByteCount + SnapshotFormat.blockHeaderByteCount else {
            throw failure(
                .trailer, at: offset,
                .outOfBounds(
                    .footerByteCount, value: UInt64(trailer.footerFrameByteCount),
                    limit: UInt64(trailer.fileByteCount)))
        }
        let frame = try bytes(at: offset, byteCount: trailer.footerFrameByteCount, part: .footer)
        do throws(SnapshotDefect) {
            return try Self.footer(frame.span.bytes, trailer, header)
        } catch {
            throw failure(.footer, at: offset, error)
        }
    }

    private static func footer(
        _ frame: RawSpan, _ trailer: SnapshotTrailer, _ header: SnapshotHeader
    ) throws(SnapshotDefect) -> SnapshotFooter {
        // The frame's number is one more than the index's, which the footer states: read it first.
        let contents = frame.extracting(droppingFirst: SnapshotFormat.blockHeaderByteCount)
        let stored = try SnapshotFieldReader.checksum(in: frame, at: 0)
        guard stored == trailer.footerChecksum else {
            throw .disagreement(
                .footerChecksum, stated: UInt64(trailer.footerChecksum), found: UInt64(stored))
        }
        let sequence = try SnapshotFieldReader.checksum(in: frame, at: 8)
        let frameHeader = try BlockHeader(checking: frame, nonce: header.nonce, sequence: sequence)
        try checkPlain(frameHeader, kind: .footer)
        let footer = try SnapshotFooter(decoding: contents)
        guard footer.blocks.blockCount <= SnapshotFormat.blockCountMax else {
            throw .outOfBounds(
                .blockCount, value: UInt64(footer.blocks.blockCount),
                limit: UInt64(SnapshotFormat.blockCountMax))
        }
        guard Int(sequence) == footer.blocks.blockCount + 1 else {
            throw .disagreement(
                .blockSequence, stated: UInt64(sequence), found: UInt64(footer.blocks.blockCount + 1))
        }
        guard footer.startZxid == header.startZxid else {
            throw .disagreement(
                .startZxid, stated: UInt64(bitPattern: footer.startZxid.rawValue),
                found: UInt64(bitPattern: header.startZxid.rawValue))
        }
        return footer
    }

    /// The index's frame, entries checked: the blocks lie end to end from the header to the index.
    func index(
        _ footer: SnapshotFooter, nonce: UInt128, footerOffset: Int
    ) throws(SnapshotReadError) -> [UInt8] {
        let blockCount = footer.blocks.blockCount
        let frameByteCount =
            SnapshotFormat.blockHeaderByteCount + blockCount * SnapshotFormat.indexEntryByteCount
        let expectedOffset = footerOffset - frameByteCount
        guard expectedOffset >= SnapshotFormat.headerByteCount, footer.indexOffset == expectedOffset else {
            throw failure(
                .footer, at: footerOffset,
                .disagreement(
                    .indexOffset, stated: UInt64(footer.indexOffset), found: UInt64(max(0, expectedOffset))))
        }
        let frame = try bytes(at: expectedOffset, byteCount: frameByteCount, part: .index)
        do throws(SnapshotDefect) {
            let header = try BlockHeader(
                checking: frame.span.bytes, nonce: nonce, sequence: UInt32(blockCount))
            try Self.checkPlain(header, kind: .index)
            guard header.checksum == footer.indexChecksum else {
                throw .disagreement(
                    .indexChecksum, stated: UInt64(footer.indexChecksum), found: UInt64(header.checksum))
            }
            let entries = frame.span.bytes.extracting(
                droppingFirst: SnapshotFormat.blockHeaderByteCount)
            try Self.checkEntries(entries, footer)
        } catch {
            throw failure(.index, at: expectedOffset, error)
        }
        return frame
    }

    private static func checkEntries(
        _ entries: RawSpan, _ footer: SnapshotFooter
    ) throws(SnapshotDefect) {
        var totals = BlockTotals()
        var offset = SnapshotFormat.headerByteCount
        for number in 0..<footer.blocks.blockCount {
            let start = number * SnapshotFormat.indexEntryByteCount
            let entry = try BlockEntry(
                decoding: entries.extracting(start..<start + SnapshotFormat.indexEntryByteCount))
            guard entry.offset == offset else {
                throw .disagreement(.blockOffset, stated: UInt64(entry.offset), found: UInt64(offset))
            }
            offset = entry.endOffset
            guard offset <= footer.indexOffset else {
                throw .outOfBounds(
                    .storedByteCount, value: UInt64(entry.storedByteCount),
                    limit: UInt64(footer.indexOffset))
            }
            totals.add(entry)
        }
        guard offset == footer.indexOffset else {
            throw .disagreement(.indexOffset, stated: UInt64(footer.indexOffset), found: UInt64(offset))
        }
        guard totals == footer.blocks else {
            throw .disagreement(
                .total, stated: UInt64(footer.blocks.rawByteCount), found: UInt64(totals.rawByteCount))
        }
    }

    private static func checkPlain(_ header: BlockHeader, kind: FrameKind) throws(SnapshotDefect) {
        guard header.kind == kind else { throw .unknownKind(header.kind.rawValue) }
        guard header.codec == .none, header.rawByteCount == header.storedByteCount else {
            throw .unknownCodec(header.codec.rawValue)
        }
    }

    private func failure(
        _ part: SnapshotPart, at offset: Int, _ defect: SnapshotDefect
    ) -> SnapshotReadError {
        SnapshotReadError(path: path, part: part, offset: offset, defect: defect)
    }
}
