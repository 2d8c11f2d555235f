import Disk
import Identifiers
import Metadata

/// A segment that belongs to the log.
package struct CatalogSegment: Equatable, Sendable {
    package var path: String
    package var header: SegmentHeader
    /// Where its last batch ends, as its successor or recovery says; nil while it is written.
    package var end: LogPosition?
    /// Empty if it is not known.
    package var index = SparseIndex()
    /// One of the two copies of the header does not read.
    package var hasOneBadHeader = false

    package var sequence: UInt64 { header.sequence }
    /// The last zxid before the segment.
    package var baseZxid: Zxid { header.predecessor.lastZxid }
}

/// The segments of a log directory, as names, headers and slots say. Reading only.
package struct LogDirectory<D: Disk> {
    package let directory: String
    let disk: D

    package init(_ directory: String, on disk: D) {
        self.directory = directory
        self.disk = disk
    }

    func path(_ name: SegmentName) -> String { "\(directory)/\(name.text)" }

    /// The files of the log, in order of their sequence numbers.
    package func files() throws(DiskError) -> [SegmentName] {
        try disk.names(in: directory).compactMap { SegmentName($0) }
            .sorted { $0.sequence != $1.sequence ? $0.sequence < $1.sequence : $0.text < $1.text }
    }

    /// Makes durable what can be read of the segments. What a process wrote may be in the page cache only: a
    /// later power cut must not take back what recovery or a truncation has counted (storage design C6, rule 4).
    func syncFiles(for rule: DurabilityRule) throws(DiskError) {
        for name in try files() {
            guard case .live = name else { continue }
            let file = try disk.open(path(name), access: .buffered)
            try file.sync(for: rule)
            if disk.observes(.cacheDroppedBeforeRead) { try file.dropCache() }
        }
    }

    /// The live segments that the metadata counts, each with its header, oldest first, and the first
    /// thing that is wrong with their order. The last one has no end.
    package func segments(_ metadata: StoreMetadata) throws(DiskError) -> ([CatalogSegment], LogVerdict?) {
        var segments: [CatalogSegment] = []
        for name in try files() {
            guard case .live(let sequence, _) = name, counts(sequence, metadata) else { continue }
            let path = path(name)
            let previous = segments.last?.header.firstPosition.lastZxid ?? .zero
            let read = try header(path, sequence: sequence, storeID: metadata.storeID)
            switch read {
            case .failure(let defect):
                return (
                    segments, .damagedMiddle(defect, evidence: .header, lastIntact: previous, nextIntact: nil)
                )
            case .success(let segment):
                if let verdict = discontinuity(from: segments.last, to: segment, metadata) {
                    return (segments, verdict)
                }
                if !segments.isEmpty { segments[segments.count - 1].end = segment.header.predecessor }
                segments.append(segment)
            }
        }
        return (segments, missingNewest(segments, metadata))
    }

    /// Whether a live segment is part of the log: not purged, not set aside by a truncation.
    private func counts(_ sequence: UInt64, _ metadata: StoreMetadata) -> Bool {
        guard sequence >= metadata.firstNeededSegment else { return false }
        guard let intent = metadata.truncation else { return true }
        return sequence <= intent.cut.segment || sequence >= intent.successor
    }

    private func discontinuity(
        from previous: CatalogSegment?, to segment: CatalogSegment, _ metadata: StoreMetadata
    ) -> LogVerdict? {
        let declared = segment.header.predecessor
        let isContinuous =
            if let previous {
                declared.segment == previous.sequence
            } else {
                declared.segment == 0 || declared.segment < metadata.firstNeededSegment
            }
        guard !isContinuous else { return nil }
        let last = previous?.baseZxid ?? .zero
        let defect = LogDefect(path: segment.path, byteOffset: 0, reason: .missingSegment)
        return .damagedMiddle(
            defect, evidence: .successor, lastIntact: last, nextIntact: declared.lastZxid)
    }

    private func missingNewest(_ segments: [CatalogSegment], _ metadata: StoreMetadata) -> LogVerdict? {
        // While a truncation is unfinished its successor may not exist yet.
        guard metadata.truncation == nil, (segments.last?.sequence ?? 0) < metadata.newestSegment else {
            return nil
        }
        let path = "\(directory)/seg-\(metadata.newestSegment)"
        return .suspectTail(
            LogDefect(path: path, byteOffset: 0, reason: .missingSegment), evidence: .slots,
            lastIntact: segments.last?.baseZxid ?? .zero)
    }

    /// Reads a segment's header from whichever copy is whole.
    ///
    /// - Parameters:
    ///   - sequence: what the file's name says; nil if it says nothing.
    ///   - storeID: the store that it must belong to; nil for any.
    package func header(
        _ path: String, sequence: UInt64?, storeID: UInt128?
    ) throws(DiskError) -> Result<CatalogSegment, LogDefect> {
        let file = try disk.open(path, access: .read)
        let buffer = AlignedBuffer(byteCount: LogFormat.headerByteCount)
        var copies: [SegmentHeader] = []
        var incompatible: UInt32?
        for copy in 0..<2 {
            let block = UnsafeMutableRawBufferPointer(
                rebasing: buffer.bytes[
                    copy * LogFormat.blockByteCount..<(copy + 1) * LogFormat.blockByteCount])
            do {
                let count = try file.read(into: block, at: copy * LogFormat.blockByteCount)
                guard count == block.count else { continue }
                copies.append(try SegmentHeader(decoding: UnsafeRawBufferPointer(block).bytes))
            } catch HeaderDefect.incompatible(let features) {
                incompatible = features
            } catch {
                continue  // A block that does not read is a damaged copy; the other one decides.
            }
        }
        func defect(_ reason: LogDefect.Reason) -> Result<CatalogSegment, LogDefect> {
            .failure(LogDefect(path: path, byteOffset: 0, reason: reason))
        }
        if let incompatible { return defect(.incompatible(features: incompatible)) }
        guard let header = copies.first else { return defect(.header) }
        guard header.sequence == sequence ?? header.sequence, header.storeID == storeID ?? header.storeID,
            copies.allSatisfy({ $0 == header })
        else {
            return defect(.foreign)
        }
        return .success(CatalogSegment(path: path, header: header, hasOneBadHeader: copies.count == 1))
    }
}
