import ByteCoding
import Compression
import Disk
import Identifiers
import Metadata

/// What stands at a place where a batch would begin.
package enum BatchOutcome {
    /// A whole, right batch that continues the log.
    case batch(BatchHeader, payload: [UInt8])
    /// The block was never written, or the file ends.
    case empty
    case defect(LogDefect.Reason)
}

/// Reads batches of one segment, in order or at a given place. Never writes.
package final class BatchReader<D: Disk> {
    package let header: SegmentHeader
    let path: String
    private let file: D.File
    /// Nothing behind this is read: the file's end, or the end of what is durable in a live segment.
    private var readableByteCount: Int
    private var window: AlignedBuffer
    private var windowOffset = 0
    private var windowByteCount = 0

    /// - Parameter header: the segment's, already checked against the name and the store.
    package init(_ file: D.File, header: SegmentHeader) throws(DiskError) {
        self.file = file
        self.header = header
        path = file.path
        readableByteCount = try file.byteCount()
        window = AlignedBuffer(byteCount: min(256 * 1024, readableByteCount))
    }

    /// Reads no further than `byteOffset`, since what stands behind it is still being written; memory
    /// never holds a block from before it was.
    func limit(to byteOffset: Int) { readableByteCount = byteOffset }

    /// Reads the batch that would begin at `position`, and checks all of it.
    package func batch(at position: LogPosition) -> BatchOutcome {
        let offset = Int(position.byteOffset)
        let head: UnsafeRawBufferPointer
        switch load(offset, byteCount: LogFormat.blockByteCount) {
        case .bytes(let bytes): head = bytes
        case .end: return .empty
        case .unreadable: return .defect(.unreadable)
        }
        let seed = header.seed(atByteOffset: offset)
        guard let batch = BatchHeader(decoding: head.bytes, seed: seed) else {
            return isZero(head) ? .empty : .defect(.batchHeader)
        }
        guard batch.segment == position.segment, batch.byteOffset == offset,
            batch.ordinal == position.ordinal,
            batch.previousChain == position.chain, batch.lastZxid >= position.lastZxid,
            batch.recordCount == 0 || batch.firstZxid > position.lastZxid
        else { return .defect(.discontinuous) }
        return payload(of: batch, at: offset, seed: seed)
    }

    /// The header at a block, if a batch of this segment was written there; for finding promises.
    func batchHeader(atByteOffset offset: Int) -> BatchHeader? {
        guard case .bytes(let bytes) = load(offset, byteCount: LogFormat.blockByteCount) else { return nil }
        return BatchHeader(decoding: bytes.bytes, seed: header.seed(atByteOffset: offset))
    }

    /// The seal at a block, if one was written there.
    func seal(atByteOffset offset: Int) -> SegmentSeal? {
        guard case .bytes(let bytes) = load(offset, byteCount: LogFormat.blockByteCount) else { return nil }
        return SegmentSeal(decoding: bytes.bytes, seed: header.seed(atByteOffset: offset))
    }

    /// Whether a block is all zero; nil at the end of the file or if it cannot be read.
    func isZeroBlock(atByteOffset offset: Int) -> Bool? {
        guard case .bytes(let bytes) = load(offset, byteCount: LogFormat.blockByteCount) else { return nil }
        return isZero(bytes)
    }

    /// Where the file ends, rounded down to a block.
    package var endByteOffset: Int { readableByteCount / LogFormat.blockByteCount * LogFormat.blockByteCount }

    private func payload(of batch: BatchHeader, at offset: Int, seed: UInt32) -> BatchOutcome {
        let image: UnsafeRawBufferPointer
        switch load(offset, byteCount: batch.batchByteCount) {
        case .bytes(let bytes): image = bytes
        case .end: return .defect(.batchTorn)
        case .unreadable: return .defect(.unreadable)
        }
        let start = LogFormat.batchHeaderByteCount
        let stored = UnsafeRawBufferPointer(rebasing: image[start..<start + Int(batch.storedByteCount)])
        let trailer = image.count - LogFormat.batchTrailerByteCount
        let trailerIsRight =
            UInt64(littleEndian: image.loadUnaligned(fromByteOffset: trailer, as: UInt64.self))
            == batch.ordinal
            && UInt32(littleEndian: image.loadUnaligned(fromByteOffset: trailer + 8, as: UInt32.self))
                == batch.payloadChecksum
            && UInt32(littleEndian: image.loadUnaligned(fromByteOffset: trailer + 12, as: UInt32.self))
                == LogFormat.batchMagic
        guard trailerIsRight else { return .defect(.batchTorn) }
        guard CRC32C.of(stored, continuing: seed) == batch.payloadChecksum,
            isZero(UnsafeRawBufferPointer(rebasing: image[(start + Int(batch.storedByteCount))..<trailer]))
        else { return .defect(.batchChecksum) }
        return decompressed(batch, stored)
    }

    private func decompressed(_ batch: BatchHeader, _ stored: UnsafeRawBufferPointer) -> BatchOutcome {
        var isMalformed = false
        let payload = [UInt8](unsafeUninitializedCapacity: Int(batch.rawByteCount)) { room, count in
            count = Int(batch.rawByteCount)
            let target = UnsafeMutableRawBufferPointer(room)
            do {
                try batch.codec.decompress(
                    stored, into: UnsafeMutableRawBufferPointer(rebasing: target[0..<count]))
            } catch {
                isMalformed = true
                target.initializeMemory(as: UInt8.self, repeating: 0)
            }
        }
        guard !isMalformed else { return .defect(.decompression) }
        if batch.kind == .data {
            guard
                RecordFrames.areValid(
                    payload.span.bytes, count: Int(batch.recordCount), firstZxid: batch.firstZxid,
                    lastZxid: batch.lastZxid)
            else { return .defect(.record) }
        }
        return .batch(batch, payload: payload)
    }

    private enum Loaded {
        case bytes(UnsafeRawBufferPointer)
        case end
        case unreadable
    }

    /// Bytes of the file; valid until the next call.
    private func load(_ offset: Int, byteCount: Int) -> Loaded {
        guard offset >= 0, offset + byteCount <= readableByteCount else { return .end }
        if offset < windowOffset || offset + byteCount > windowOffset + windowByteCount {
            if window.byteCount < byteCount { window = AlignedBuffer(byteCount: byteCount) }
            // A block that does not read further on must not hide the ones before it.
            guard
                fill(offset, byteCount: min(window.byteCount, readableByteCount - offset))
                    || fill(offset, byteCount: byteCount)
            else { return .unreadable }
            guard windowByteCount >= byteCount else { return .end }
        }
        let start = offset - windowOffset
        return .bytes(UnsafeRawBufferPointer(rebasing: window.bytes[start..<start + byteCount]))
    }

    /// Reads into memory; false, with nothing in memory, if the disk fails.
    private func fill(_ offset: Int, byteCount: Int) -> Bool {
        windowOffset = offset
        windowByteCount = 0
        do {
            let room = UnsafeMutableRawBufferPointer(rebasing: window.bytes[0..<byteCount])
            windowByteCount = try file.read(into: room, at: offset)
            return true
        } catch {
            return false
        }
    }
}
