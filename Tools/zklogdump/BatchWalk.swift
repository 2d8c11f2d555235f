import Disk
import Identifiers
import Metadata
import TransactionLog

/// Reads a log's batches in order, segment by segment, and stops where no batch stands, whatever the
/// reason: a scan judges that.
struct BatchWalk {
    /// Segments not begun yet, the next one last.
    private var waiting: [CatalogSegment]
    private let truncation: TruncationIntent?
    private var current: Segment?
    /// The last zxid of what was read, or before it.
    private(set) var reachedZxid: Zxid

    private struct Segment {
        var reader: BatchReader<KernelDisk>
        var position: LogPosition
        /// Where it ends, as its successor or a truncation says.
        var end: LogPosition?
    }

    /// Begins with the segment that holds the first record after `selection`'s start.
    init(_ source: LogSource, _ selection: Selection) throws(DumpFailure) {
        switch source {
        case .segment(let segment):
            waiting = [segment]
            truncation = nil
        case .directory(let path):
            let metadata = try LogSource.metadata(in: path)
            let segments = try LogSource.reading { () throws(DiskError) in
                try LogDirectory(path, on: LogSource.disk).segments(metadata).0
            }
            waiting = segments.filter { $0.end?.lastZxid ?? Zxid(rawValue: .max) > selection.startZxid }
                .reversed()
            truncation = metadata.truncation
        }
        reachedZxid = waiting.last?.baseZxid ?? .zero
    }

    /// The next batch, with records or without; nil where none stands.
    mutating func next() throws(DumpFailure) -> (BatchHeader, [UInt8])? {
        while true {
            if current == nil { current = try open() }
            guard var segment = current else { return nil }
            guard segment.position.ordinal < segment.end?.ordinal ?? .max else {
                current = nil
                continue
            }
            guard case .batch(let header, let payload) = segment.reader.batch(at: segment.position) else {
                let next = segment.reader.boundary(
                    behindDamageAt: segment.position, declaredEnd: segment.end)
                if let next {
                    // Damage that costs no record.
                    segment.position = next
                    current = segment
                    continue
                }
                // Where a successor declares more, this is damage; where nothing does, it is the end.
                waiting = []
                current = nil
                return nil
            }
            segment.position = header.end
            current = segment
            reachedZxid = header.lastZxid
            return (header, payload)
        }
    }

    private mutating func open() throws(DumpFailure) -> Segment? {
        guard let next = waiting.popLast() else { return nil }
        let cut = truncation?.cut
        return try LogSource.reading { () throws(DiskError) in
            Segment(
                reader: try BatchReader(
                    LogSource.disk.open(next.path, access: .read), header: next.header),
                position: next.header.firstPosition,
                end: next.end ?? (cut?.segment == next.sequence ? cut : nil))
        }
    }
}
