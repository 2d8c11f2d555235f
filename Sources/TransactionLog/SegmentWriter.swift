import Disk
import Identifiers
import Metadata

/// The open segment: batches go to its end, and only there.
struct SegmentWriter<D: Disk> {
    let segment: CatalogSegment
    let file: D.File
    private(set) var position: LogPosition
    private(set) var index = SparseIndex()
    /// The bytes of the file that are used, once it is sealed.
    private var sealedByteCount: Int?
    private var firstTime: Int64 = 0
    private var lastTime: Int64 = 0

    init(_ segment: CatalogSegment, file: D.File) {
        self.segment = segment
        self.file = file
        position = segment.header.firstPosition
    }

    /// Bytes that batches may still take; the footer's and the seal's room is set aside. None once sealed.
    var remainingByteCount: Int {
        guard sealedByteCount == nil else { return 0 }
        return Self.payloadCapacity(segmentByteCount: Int(segment.header.capacity))
            - (Int(position.byteOffset) - LogFormat.headerByteCount)
    }

    /// The most bytes of batches that a segment of a size takes.
    static func payloadCapacity(segmentByteCount: Int) -> Int {
        segmentByteCount - LogFormat.headerByteCount - LogFormat.blockByteCount
            - BatchHeader.batchByteCount(forStored: SparseIndex.byteCountMax(capacity: segmentByteCount))
    }

    /// Writes an encoded batch at the end; durable on return.
    mutating func append(
        _ header: BatchHeader, image: UnsafeRawBufferPointer, for rule: DurabilityRule
    ) throws(DiskError) {
        precondition(header.byteOffset == Int(position.byteOffset), "a batch goes to the end only")
        try file.writeDurably(image, at: header.byteOffset, for: rule)
        index.note(position, time: header.time)
        if firstTime == 0 { firstTime = header.time }
        lastTime = header.time
        position = LogPosition(
            segment: position.segment, byteOffset: position.byteOffset + UInt64(header.batchByteCount),
            ordinal: position.ordinal + 1, lastZxid: header.lastZxid, chain: header.chain)
    }

    /// Writes the footer and the seal with one sync. Nothing can be appended behind them. Does nothing if
    /// they stand already.
    ///
    /// - Returns: the end of the log, behind the footer, and the bytes of the file that are used.
    mutating func seal(
        with encoder: inout BatchEncoder, time: Int64, committed: Zxid
    ) throws(DiskError) -> (end: LogPosition, usedByteCount: Int) {
        if let sealedByteCount { return (position, sealedByteCount) }
        let seal = SegmentSeal(footer: position, firstTime: firstTime, lastTime: lastTime)
        let frame = BatchEncoder.Frame(
            kind: .footer, position: position, firstZxid: position.lastZxid, lastZxid: position.lastZxid,
            recordCount: 0, time: max(time, lastTime), durableEnd: position.ordinal, committedZxid: committed)
        let footer = encoder.encode(frame, payload: BatchPayload(index.encode()), in: segment.header)
        let sealOffset = footer.byteOffset + footer.batchByteCount
        let image = AlignedBuffer(byteCount: footer.batchByteCount + LogFormat.blockByteCount)
        image.bytes.copyMemory(from: encoder.image(of: footer))
        seal.encode(seed: segment.header.seed(atByteOffset: sealOffset)).withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: image.bytes[footer.batchByteCount...]).copyMemory(
                from: $0)
        }
        try append(footer, image: UnsafeRawBufferPointer(image.bytes), for: .footerSynced)
        let usedByteCount = sealOffset + LogFormat.blockByteCount
        sealedByteCount = usedByteCount
        return (position, usedByteCount)
    }
}
