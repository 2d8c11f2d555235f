import Disk
import Identifiers
import Metadata

extension BatchReader {
    /// The sparse index in the footer of a sealed segment that ends at `end`.
    ///
    /// Nil if the segment was left by a crash and has none, or if anything about it does not read or does
    /// not fit: an index only saves time.
    func sparseIndex(before end: LogPosition) -> SparseIndex? {
        guard let footer = seal(atByteOffset: Int(end.byteOffset))?.footer, footer.isPlausible,
            case .batch(let batch, let payload) = batch(at: footer), batch.kind == .footer, batch.end == end,
            let index = SparseIndex(decoding: payload.span.bytes),
            index.isPlausible(from: header.firstPosition, to: footer)
        else { return nil }
        return index
    }
}

extension LogDirectory {
    /// A record before which everything is older than `time`, so that reading after it gives every batch
    /// that was written then or later, and not much more.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970.
    ///   - segments: those of the log, oldest first.
    package func lastZxid(
        before time: Int64, in segments: [CatalogSegment]
    ) throws(DiskError) -> Zxid {
        // Nothing before a segment was written after its creation.
        let count = segments.partitionPoint { $0.header.creationTime >= time }
        guard count > 0 else { return segments.first?.baseZxid ?? .zero }
        let segment = segments[count - 1]
        guard let end = segment.end else { return segment.baseZxid }
        let reader = try BatchReader<D>(disk.open(segment.path, access: .read), header: segment.header)
        let index = reader.sparseIndex(before: end)
        return index?.position(forTimesFrom: time)?.lastZxid ?? segment.baseZxid
    }
}
