import ByteCoding
import Compression
import Disk
import Identifiers

/// How a snapshot is written to the disk.
package struct SnapshotPacing: Sendable {
    /// Bytes per second; nil writes as fast as the disk takes it.
    package var byteCountPerSecond: Int?
    /// What the caller expects the file to need.
    package var expectedByteCount: Int
    /// Space that must stay free beside the snapshot, for the log.
    package var reservedByteCount: Int
    /// Called on the writer's thread after each piece with what it costs at that rate; sleeps so long, or
    /// less if the caller takes off what compressing and writing it took.
    package var pause: @Sendable (_ nanoseconds: UInt64) -> Void

    package init(
        byteCountPerSecond: Int?, expectedByteCount: Int, reservedByteCount: Int,
        pause: @escaping @Sendable (_ nanoseconds: UInt64) -> Void
    ) {
        self.byteCountPerSecond = byteCountPerSecond
        self.expectedByteCount = expectedByteCount
        self.reservedByteCount = reservedByteCount
        self.pause = pause
    }
}

/// A snapshot that is complete and durable under its live name, but not read back yet.
package struct WrittenSnapshot: Equatable, Sendable {
    package var path: String
    package var name: SnapshotName
    package var byteCount: Int
    package var footer: SnapshotFooter
    /// Vouches for every byte of the file: the footer names the index's checksum, the index the blocks'.
    package var footerChecksum: UInt32
}

/// Writes one snapshot, front to back, under a temporary name; `finish` gives it its live name.
///
/// Nothing counts before `finish` returned. Whatever fails takes the temporary file with it, and a
/// file that outlives a crash is removed by `SnapshotDirectory.removeTemporaries`. One thread at a time.
package struct SnapshotWriter<D: Disk>: ~Copyable, Sendable {
    private let disk: D
    private let directory: String
    package let header: SnapshotHeader
    private var file: PacedFile<D.File>
    private var encoder: BlockEncoder
    private var pending: [UInt8] = []
    private var pendingKind = BlockKind.sessions
    private var pendingRecordCount = 0
    private var index: [UInt8] = []
    private var totals = BlockTotals()
    private var failure: SnapshotWriteError?

    /// Creates the temporary file in an existing directory, if there is space for the whole snapshot.
    package init(
        on disk: D, directory: String, header: SnapshotHeader, pacing: SnapshotPacing
    ) throws(SnapshotWriteError) {
        self.disk = disk
        self.directory = directory
        self.header = header
        try Self.checkSpace(on: disk, in: directory, pacing)
        file = try Self.begin(header, on: disk, in: directory, pacing)
        encoder = BlockEncoder(codec: header.codec, nonce: header.nonce)
        pending.reserveCapacity(SnapshotFormat.blockByteCountTarget)
    }

    /// Adds a piece: one or more whole records.
    ///
    /// A piece is never divided. Pieces of one kind gather in a block as long as they fit; a longer
    /// piece gets a block of its own, up to `SnapshotFormat.blockByteCountMax`. No record is empty.
    package mutating func append(
        _ kind: BlockKind, recordCount: Int, bytes: Span<UInt8>
    ) throws(SnapshotWriteError) {
        precondition(0 <= recordCount && recordCount <= bytes.count, "a record has at least one byte")
        if let failure { throw failure }
        guard bytes.count <= SnapshotFormat.blockByteCountMax else {
            throw fail(
                .pieceTooLong(byteCount: bytes.count, byteCountMax: SnapshotFormat.blockByteCountMax))
        }
        if kind != pendingKind || pending.count + bytes.count > SnapshotFormat.blockByteCountTarget {
            try endBlock()
        }
        pendingKind = kind
        pending.append(bytes.bytes)
        pendingRecordCount += recordCount
        if pending.count >= SnapshotFormat.blockByteCountTarget { try endBlock() }
    }

    /// Ends the block that gathers, so that the next piece begins a new one. Writes it.
    package mutating func endBlock() throws(SnapshotWriteError) {
        if let failure { throw failure }
        guard !pending.isEmpty else { return }
        guard totals.blockCount < SnapshotFormat.blockCountMax else {
            throw fail(.tooManyBlocks(countMax: SnapshotFormat.blockCountMax))
        }
        let header = encoder.encode(
            pending, kind: .block(pendingKind), recordCount: pendingRecordCount,
            sequence: UInt32(totals.blockCount))
        let entry = BlockEntry(header, kind: pendingKind, offset: file.offset)
        entry.encode(into: &index)
        totals.add(entry)
        try writeFrame(header)
        // A long piece's memory is not kept for the rest of the image.
        pending.removeAll(keepingCapacity: pending.count <= SnapshotFormat.blockByteCountTarget)
        pendingRecordCount = 0
    }

    /// Completes the snapshot and makes it durable: index, footer, trailer, sync, live name, sync.
    ///
    /// If a sync or the renaming fails, neither name is left (unless even the removal fails: then a
    /// crash may bring back a file, and if it has the live name it is whole).
    package consuming func finish(_ end: SnapshotEnd) throws(SnapshotWriteError) -> WrittenSnapshot {
        try endBlock()
        guard end.zxid >= header.startZxid else { throw fail(.endBeforeStart) }
        guard end.totals.tailRecordCount == totals.tailRecordCount else {
            throw fail(
                .tailCountMismatch(stated: end.totals.tailRecordCount, appended: totals.tailRecordCount))
        }
        let indexOffset = file.offset
        let indexHeader = encoder.encode(
            index, kind: .index, recordCount: totals.blockCount, sequence: UInt32(totals.blockCount))
        try writeFrame(indexHeader)
        let footer = SnapshotFooter(
            startZxid: header.startZxid, end: end, blocks: totals, indexOffset: indexOffset,
            indexChecksum: indexHeader.checksum)
        let footerOffset = file.offset
        let footerHeader = encoder.encode(
            footer.encoded(), kind: .footer, recordCount: 1, sequence: UInt32(totals.blockCount) + 1)
        try writeFrame(footerHeader)
        let trailer = SnapshotTrailer(
            footerOffset: footerOffset, footerFrameByteCount: footerHeader.frameByteCount,
            footerChecksum: footerHeader.checksum,
            fileByteCount: file.offset + SnapshotFormat.trailerByteCount)
        try write(trailer.encoded(nonce: header.nonce))
        try publish()
        return WrittenSnapshot(
            path: directory + "/" + header.name.fileName, name: header.name,
            byteCount: trailer.fileByteCount, footer: footer, footerChecksum: footerHeader.checksum)
    }

    /// Gives the snapshot up and removes its file.
    package consuming func abort() throws(SnapshotWriteError) {
        guard failure == nil else { return }
        do throws(DiskError) { try disk.unlink(temporaryPath) } catch { throw .disk(error) }
    }

    private static func checkSpace(
        on disk: D, in directory: String, _ pacing: SnapshotPacing
    ) throws(SnapshotWriteError) {
        let available: Int
        do throws(DiskError) {
            available = try disk.availableByteCount(at: directory)
        } catch {
            throw .disk(error)
        }
        let needed = pacing.expectedByteCount + pacing.reservedByteCount
        guard available >= needed else {
            throw .spaceShort(
                directory: directory, neededByteCount: needed, availableByteCount: available)
        }
    }

    /// Creates the temporary file and writes the header block; leaves no file on failure.
    private static func begin(
        _ header: SnapshotHeader, on disk: D, in directory: String, _ pacing: SnapshotPacing
    ) throws(SnapshotWriteError) -> PacedFile<D.File> {
        let path = directory + "/" + header.name.temporaryFileName
        var paced: PacedFile<D.File>
        do throws(DiskError) {
            paced = PacedFile(
                try disk.create(path, access: .buffered), byteCountPerSecond: pacing.byteCountPerSecond,
                pause: pacing.pause)
        } catch {
            throw .disk(error)
        }
        do throws(DiskError) {
            try paced.append(header.encoded(), byteCount: SnapshotFormat.headerByteCount)
        } catch {
            removeFailed(path, on: disk)
            throw .disk(error)
        }
        return paced
    }

    /// Removes the file of a snapshot that failed.
    private static func removeFailed(_ path: String, on disk: D) {
        do throws(DiskError) {
            try disk.unlink(path)
        } catch {
            // The failure that came first is reported; the file goes at the next start.
        }
    }

    private var temporaryPath: String { directory + "/" + header.name.temporaryFileName }

    private mutating func publish() throws(SnapshotWriteError) {
        let path = directory + "/" + header.name.fileName
        do throws(DiskError) {
            try file.sync(for: .snapshotSynced)
            try disk.rename(temporaryPath, to: path)
        } catch {
            throw fail(.disk(error))
        }
        do throws(DiskError) {
            try disk.syncDirectory(directory, for: .snapshotNameSynced)
        } catch {
            throw fail(.disk(error), removing: path)
        }
    }

    private mutating func writeFrame(_ frame: BlockHeader) throws(SnapshotWriteError) {
        do throws(DiskError) {
            try file.append(encoder.frame, byteCount: frame.frameByteCount)
        } catch {
            throw fail(.disk(error))
        }
    }

    private mutating func write(_ bytes: [UInt8]) throws(SnapshotWriteError) {
        do throws(DiskError) {
            try file.append(bytes, byteCount: bytes.count)
        } catch {
            throw fail(.disk(error))
        }
    }

    /// Removes the file and remembers why; every later call throws the same.
    private mutating func fail(
        _ error: SnapshotWriteError, removing path: String? = nil
    ) -> SnapshotWriteError {
        failure = error
        Self.removeFailed(path ?? temporaryPath, on: disk)
        return error
    }
}
