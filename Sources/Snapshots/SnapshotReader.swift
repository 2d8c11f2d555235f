import ByteCoding
import Compression
import Disk
import Identifiers

/// The contents of a block, decompressed.
package struct SnapshotBlock: Equatable, Sendable {
    package var kind: BlockKind
    package var recordCount: Int
    package var bytes: [UInt8]
}

/// Reads a snapshot, from its end.
///
/// Opening checks everything but the blocks; each block is checked when it is decoded. Blocks can be
/// decoded in any order and from several threads at once. A length is believed only after it was held
/// against the file's length and the format's limits: opening allocates less than the file is long, and
/// a block whose checksum is wrong costs no more than its stored bytes.
package struct SnapshotReader<D: Disk>: Sendable {
    package let path: String
    package let header: SnapshotHeader
    package let footer: SnapshotFooter
    /// See `WrittenSnapshot.footerChecksum`.
    package let footerChecksum: UInt32
    package let byteCount: Int
    let file: D.File
    /// The index's frame; the entries stand behind its header.
    private let index: [UInt8]

    /// Opens a snapshot and checks header, trailer, footer and index.
    package init(_ path: String, on disk: D) throws(SnapshotReadError) {
        let file: D.File
        do throws(DiskError) {
            file = try disk.open(path, access: .read)
        } catch {
            throw SnapshotReadError(path: path, part: .header, offset: 0, defect: .disk(error))
        }
        try self.init(file, path: path)
    }

    init(_ file: D.File, path: String) throws(SnapshotReadError) {
        self.file = file
        self.path = path
        let source = SnapshotSource(file: file, path: path)
        byteCount = try source.byteCount()
        header = try source.header()
        let trailer = try source.trailer(nonce: header.nonce, fileByteCount: byteCount)
        footer = try source.footer(trailer, header: header)
        footerChecksum = trailer.footerChecksum
        index = try source.index(footer, nonce: header.nonce, footerOffset: trailer.footerOffset)
    }

    package var name: SnapshotName { header.name }

    package var blockCount: Int { footer.blocks.blockCount }

    /// What the index says of a block; the index was checked when the snapshot was opened.
    package func entry(at number: Int) throws(SnapshotReadError) -> BlockEntry {
        precondition(0 <= number && number < blockCount, "block \(number) of \(blockCount)")
        let start = SnapshotFormat.blockHeaderByteCount + number * SnapshotFormat.indexEntryByteCount
        do throws(SnapshotDefect) {
            return try BlockEntry(
                decoding: index.span.bytes.extracting(start..<start + SnapshotFormat.indexEntryByteCount))
        } catch {
            throw SnapshotReadError(
                path: path, part: .index, offset: footer.indexOffset + start, defect: error)
        }
    }

    /// Reads, checks and decompresses a block.
    package func decodeBlock(_ number: Int) throws(SnapshotReadError) -> SnapshotBlock {
        let entry = try entry(at: number)
        let source = SnapshotSource(file: file, path: path)
        let part = SnapshotPart.block(number)
        let frame = try source.bytes(
            at: entry.offset, byteCount: SnapshotFormat.blockHeaderByteCount + entry.storedByteCount,
            part: part)
        do throws(SnapshotDefect) {
            let header = try BlockHeader(
                checking: frame.span.bytes, nonce: header.nonce, sequence: UInt32(number))
            try Self.compare(header, with: entry)
            return SnapshotBlock(
                kind: entry.kind, recordCount: entry.recordCount,
                bytes: try Self.decompress(frame, entry))
        } catch {
            throw SnapshotReadError(path: path, part: part, offset: entry.offset, defect: error)
        }
    }

    private static func compare(
        _ header: BlockHeader, with entry: BlockEntry
    ) throws(SnapshotDefect) {
        func check(_ field: SnapshotField, _ stated: Int, _ found: Int) throws(SnapshotDefect) {
            guard stated == found else {
                throw .disagreement(field, stated: UInt64(stated), found: UInt64(found))
            }
        }
        try check(.blockChecksum, Int(entry.checksum), Int(header.checksum))
        try check(.blockKind, Int(entry.kind.rawValue), Int(header.kind.rawValue))
        try check(.blockCodec, Int(entry.codec.rawValue), Int(header.codec.rawValue))
        try check(.rawByteCount, entry.rawByteCount, header.rawByteCount)
        try check(.recordCount, entry.recordCount, header.recordCount)
    }

    private static func decompress(
        _ frame: borrowing [UInt8], _ entry: BlockEntry
    ) throws(SnapshotDefect) -> [UInt8] {
        let stored = frame.span.bytes.extracting(droppingFirst: SnapshotFormat.blockHeaderByteCount)
        var raw = [UInt8](repeating: 0, count: entry.rawByteCount)
        var destination = raw.mutableSpan
        do throws(DecompressionError) {
            try stored.withUnsafeBytes { (source) throws(DecompressionError) in
                try destination.withUnsafeMutableBytes { (destination) throws(DecompressionError) in
                    try entry.codec.decompress(source, into: destination)
                }
            }
        } catch {
            throw .undecodable(entry.codec)
        }
        return raw
    }
}
