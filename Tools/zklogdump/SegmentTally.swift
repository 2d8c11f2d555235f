import DumpOutput
import Identifiers
import TransactionLog

/// Counts what was found in each segment.
struct SegmentTally {
    private struct Count {
        var batches = 0
        var records = 0
        var first: Zxid?
        var last = Zxid.zero
    }

    private var counts: [UInt64: Count] = [:]
    private(set) var batchCount = 0
    private(set) var recordCount = 0

    /// Counts a batch; true if it is the first one of its segment.
    mutating func note(_ header: BatchHeader) -> Bool {
        batchCount += 1
        recordCount += Int(header.recordCount)
        var count = counts[header.segment] ?? Count()
        defer { counts[header.segment] = count }
        count.batches += 1
        guard header.recordCount > 0 else { return count.batches == 1 }
        count.records += Int(header.recordCount)
        count.first = count.first ?? header.firstZxid
        count.last = header.lastZxid
        return count.batches == 1
    }

    static let heading = "segment   batches   records  zxids\n"

    func line(_ segment: CatalogSegment, asJSON: Bool) -> String {
        let count = counts[segment.sequence] ?? Count()
        guard asJSON else {
            var line = [7, 10, 10].enumerated().map { place, width in
                let text = "\([Int(clamping: segment.sequence), count.batches, count.records][place])"
                return String(repeating: " ", count: max(1, width - text.count)) + text
            }.joined()
            if let first = count.first { line += "  \(first)...\(count.last)" }
            if segment.hasOneBadHeader { line += "  ONE HEADER COPY IS DAMAGED" }
            if segment.end == nil { line += "  not read to its end" }
            return line + "\n"
        }
        var object = JSONObject()
        object.add("segment", Int(clamping: segment.sequence))
        object.add("path", segment.path)
        object.add("batches", count.batches)
        object.add("records", count.records)
        if let first = count.first {
            object.add("firstZxid", "\(first)")
            object.add("lastZxid", "\(count.last)")
        }
        object.add("hasOneBadHeader", segment.hasOneBadHeader)
        object.add("isReadToItsEnd", segment.end != nil)
        return object.text + "\n"
    }
}
