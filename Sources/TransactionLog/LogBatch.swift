import ByteCoding
import Identifiers
import Metadata

/// A batch of records as readers see it: whole, checked, and never changed again.
package final class LogBatch: Sendable {
    package let ordinal: UInt64
    package let firstZxid: Zxid
    package let lastZxid: Zxid
    package let recordCount: Int
    /// When the batch was written, milliseconds since 1970.
    package let time: Int64
    /// What the writer knew to be committed when it wrote the batch.
    package let committedZxid: Zxid
    /// The place behind this batch.
    package let end: LogPosition
    /// Bytes the batch takes in its file; its place is `end.byteOffset` less this.
    package let storedByteCount: Int
    /// The records, framed.
    package let payload: [UInt8]

    /// - Parameter payload: checked by whoever made it.
    package init(_ header: BatchHeader, payload: [UInt8]) {
        ordinal = header.ordinal
        firstZxid = header.firstZxid
        lastZxid = header.lastZxid
        recordCount = Int(header.recordCount)
        time = header.time
        committedZxid = header.committedZxid
        storedByteCount = header.batchByteCount
        end = header.end
        self.payload = payload
    }

    /// Calls `body` with each record after `zxid`, in order.
    @inlinable
    package func forEachRecord<Failure: Error>(
        after zxid: Zxid = .zero, _ body: (Zxid, RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let payload = payload
        let bytes = payload.span.bytes
        var offset = 0
        let epoch = firstZxid.epoch
        while offset < bytes.byteCount {
            // Safe: the payload was checked record by record, or framed by RecordBuffer.
            let length = Int(
                UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            let counter = UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
            let record = Zxid(epoch: epoch, counter: counter)
            offset += 12
            if record > zxid { try body(record, bytes.extracting(offset..<offset + length)) }
            offset += length
        }
    }
}
