import ByteCoding
import Identifiers

/// Records in memory, framed as they will stand in a batch. Nothing here is durable.
///
/// A record's frame: length (4 bytes), the zxid's counter (4), CRC-32C over the zxid's eight
/// little-endian bytes and the record (4), the record. All records of a buffer are of one epoch.
package struct RecordBuffer: Sendable {
    package private(set) var bytes: [UInt8] = []
    package private(set) var recordCount = 0
    /// The first and the last record; `.zero` while the buffer is empty.
    package private(set) var firstZxid = Zxid.zero
    package private(set) var lastZxid = Zxid.zero
    /// Of the first `checkedByteCount` bytes.
    private var checksum: UInt32 = 0
    private var checkedByteCount = 0

    package init() {}

    package var isEmpty: Bool { recordCount == 0 }
    package var byteCount: Int { bytes.count }

    package mutating func reserveCapacity(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    /// Adds the record that `encode` appends. It must append at the end and touch nothing before.
    ///
    /// - Parameter zxid: higher than the last one, and of the same epoch.
    @inlinable
    package mutating func append<Result>(zxid: Zxid, _ encode: (inout [UInt8]) -> Result) -> Result {
        let start = beginRecord(zxid)
        let result = encode(&bytes)
        endRecord(zxid, start: start)
        return result
    }

    package mutating func append(zxid: Zxid, _ record: RawSpan) {
        let start = beginRecord(zxid)
        bytes.append(record)
        endRecord(zxid, start: start)
    }

    @usableFromInline
    mutating func beginRecord(_ zxid: Zxid) -> Int {
        precondition(lastZxid < zxid, "zxids only grow: \(lastZxid), then \(zxid)")
        precondition(isEmpty || zxid.epoch == firstZxid.epoch, "one epoch a batch")
        let start = bytes.count
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: zxid.counter)
        bytes.append(littleEndian: UInt32(0))
        return start
    }

    @usableFromInline
    mutating func endRecord(_ zxid: Zxid, start: Int) {
        let length = bytes.count - start - LogFormat.recordHeaderByteCount
        precondition(length >= 0, "a record was cut into")
        let seed = CRC32C.of(littleEndian: UInt64(bitPattern: zxid.rawValue))
        let checksum = bytes.withUnsafeBytes {
            CRC32C.of(
                UnsafeRawBufferPointer(rebasing: $0[(start + LogFormat.recordHeaderByteCount)...]),
                continuing: seed)
        }
        bytes.replace(littleEndian: UInt32(truncatingIfNeeded: length), at: start)
        bytes.replace(littleEndian: checksum, at: start + 8)
        if isEmpty { firstZxid = zxid }
        lastZxid = zxid
        recordCount += 1
    }

    /// Adds the records of `other`, which come after this buffer's.
    package mutating func append(_ other: RecordBuffer) {
        guard !other.isEmpty else { return }
        guard !isEmpty else {
            self = other
            return
        }
        precondition(lastZxid < other.firstZxid && firstZxid.epoch == other.firstZxid.epoch, "out of order")
        if checkedByteCount == byteCount, other.checkedByteCount == other.byteCount {
            checksum = CRC32C.joined(checksum, other.checksum, byteCount: other.byteCount)
            checkedByteCount += other.byteCount
        }
        bytes.append(contentsOf: other.bytes)
        recordCount += other.recordCount
        lastZxid = other.lastZxid
    }

    /// Computes the checksum of the bytes that are in it, so that whoever commits them need not: that is
    /// most often somebody who waits for the disk.
    package mutating func computeChecksum() {
        checksum = bytes.withUnsafeBytes {
            CRC32C.of(UnsafeRawBufferPointer(rebasing: $0[checkedByteCount...]), continuing: checksum)
        }
        checkedByteCount = byteCount
    }

    /// The records as a batch stores them.
    var payload: BatchPayload {
        mutating get {
            computeChecksum()
            return BatchPayload(bytes: bytes, checksum: checksum)
        }
    }
}
