import ByteCoding
import Identifiers

/// Reading the framed records of a batch's payload.
enum RecordFrames {
    /// Whether the payload is exactly `count` whole records of `firstZxid...lastZxid`, in order, with
    /// right checksums.
    static func areValid(_ payload: RawSpan, count: Int, firstZxid: Zxid, lastZxid: Zxid) -> Bool {
        var reader = ByteReader(payload)
        var previous: Zxid?
        for _ in 0..<count {
            guard let zxid = validRecord(&reader, epoch: firstZxid.epoch) else { return false }
            if let previous {
                guard previous < zxid else { return false }
            } else {
                guard zxid == firstZxid else { return false }
            }
            previous = zxid
        }
        return reader.remainingByteCount == 0 && (previous ?? lastZxid) == lastZxid
    }

    /// The zxid of the next record if it is whole and right; moves behind it.
    private static func validRecord(_ reader: inout ByteReader, epoch: Epoch) -> Zxid? {
        do {
            let length = Int(try reader.littleEndian(UInt32.self))
            let zxid = Zxid(epoch: epoch, counter: try reader.littleEndian())
            let stored: UInt32 = try reader.littleEndian()
            let record = try reader.slice(byteCount: length)
            let seed = CRC32C.of(littleEndian: UInt64(bitPattern: zxid.rawValue))
            return CRC32C.of(record, continuing: seed) == stored ? zxid : nil
        } catch {
            return nil
        }
    }
}
