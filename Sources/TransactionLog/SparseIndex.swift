import ByteCoding
import Identifiers
import Metadata

/// Places in a segment from which reading may begin, one every 64 KiB or 256 batches.
package struct SparseIndex: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        /// The boundary before a batch.
        package var position: LogPosition
        /// The time of the batch behind the boundary, milliseconds since 1970.
        package var time: Int64
    }

    static let byteDistance: UInt64 = 64 * 1024
    static let batchDistance: UInt64 = 256
    static let entryByteCount = LogPosition.encodedByteCount + 8

    package private(set) var entries: [Entry] = []

    package init() {}

    /// Notes a batch; only some become entries.
    mutating func note(_ position: LogPosition, time: Int64) {
        if let last = entries.last?.position,
            position.byteOffset - last.byteOffset < Self.byteDistance,
            position.ordinal - last.ordinal < Self.batchDistance
        {
            return
        }
        entries.append(Entry(position: position, time: time))
    }

    /// The last place from which every record after `zxid` can be read; nil if there is none.
    func position(forRecordsAfter zxid: Zxid) -> LogPosition? {
        let count = entries.partitionPoint { $0.position.lastZxid > zxid }
        return count == 0 ? nil : entries[count - 1].position
    }

    /// The last place before which every batch is older than `time`; nil if there is none.
    func position(forTimesFrom time: Int64) -> LogPosition? {
        let count = entries.partitionPoint { $0.time >= time }
        return count == 0 ? nil : entries[count - 1].position
    }

    /// Whether these can be places of a segment whose batches begin at `start` and whose footer stands at
    /// `footer`.
    func isPlausible(from start: LogPosition, to footer: LogPosition) -> Bool {
        guard let first = entries.first else { return true }
        guard first.position == start else { return false }
        var last = first
        for entry in entries.dropFirst() {
            let place = entry.position
            guard place.segment == start.segment, place.byteOffset > last.position.byteOffset,
                place.ordinal > last.position.ordinal, place.lastZxid >= last.position.lastZxid,
                entry.time >= last.time
            else { return false }
            last = entry
        }
        let end = last.position
        return end.byteOffset < footer.byteOffset && end.ordinal < footer.ordinal
            && end.lastZxid <= footer.lastZxid
    }

    /// The most bytes that the index of a segment of `capacity` bytes takes.
    static func byteCountMax(capacity: Int) -> Int {
        4 + (capacity / Int(byteDistance) + 1) * entryByteCount
    }

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(entries.count))
        for entry in entries {
            entry.position.encode(into: &bytes)
            bytes.append(littleEndian: entry.time)
        }
        return bytes
    }

    /// Reads the payload of a footer; nil if it is none.
    init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        do {
            let count = Int(try reader.littleEndian(UInt32.self))
            guard count * Self.entryByteCount == reader.remainingByteCount else { return nil }
            entries.reserveCapacity(count)
            for _ in 0..<count {
                entries.append(
                    Entry(position: try LogPosition(from: &reader), time: try reader.littleEndian()))
            }
        } catch {
            return nil
        }
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element satisfies `predicate`, in a collection where all such are behind.
    func partitionPoint(_ predicate: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
