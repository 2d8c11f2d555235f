import Disk
import Identifiers
import Metadata

/// Gives a prepared file its header and its live name.
struct SegmentCreation<D: Disk> {
    let directory: LogDirectory<D>
    let storeID: UInt128
    let nonce: UInt128
    let segmentByteCount: Int

    /// Turns `prep-<sequence>` into a live segment that follows `predecessor`; its header is durable on
    /// return. The caller makes its name durable: batches may be acknowledged from it after that, once
    /// the slots name it.
    ///
    /// - Parameter content: written behind the header before the file gets its name.
    func create(
        sequence: UInt64, predecessor: LogPosition, firstZxid: Zxid, epoch: Epoch, time: Int64,
        headerRule: DurabilityRule = .segmentHeaderSynced,
        content: (inout SegmentWriter<D>) throws(DiskError) -> Void = { _ in }
    ) throws(DiskError) -> SegmentWriter<D> {
        let header = SegmentHeader(
            storeID: storeID, sequence: sequence, nonce: nonce, epoch: epoch,
            capacity: UInt64(segmentByteCount), creationTime: time, predecessor: predecessor)
        let disk = directory.disk
        let prepared = directory.path(.prepared(sequence: sequence))
        let live = directory.path(.live(sequence: sequence, firstZxid: firstZxid))
        let file = try disk.open(prepared, access: .durable)
        let block = AlignedBuffer(byteCount: LogFormat.headerByteCount)
        header.encode().withUnsafeBytes { block.bytes.copyMemory(from: $0) }
        try file.writeDurably(UnsafeRawBufferPointer(block.bytes), at: 0, for: headerRule)
        var writer = SegmentWriter<D>(CatalogSegment(path: live, header: header), file: file)
        try content(&writer)
        try disk.rename(file, to: live)
        return writer
    }

    /// Whether `create` failed only because the directory had no space for the live name, so that the
    /// segment is still a prepared one and may be tried again.
    ///
    /// A write or a sync that failed, the directory's too, is never such an error.
    func isStillPrepared(_ sequence: UInt64, after error: DiskError) throws(DiskError) -> Bool {
        guard error.isDiskFull, error.operation == .open || error.operation == .rename else { return false }
        return try directory.disk.contains(
            SegmentName.prepared(sequence: sequence).text, in: directory.directory)
    }
}
