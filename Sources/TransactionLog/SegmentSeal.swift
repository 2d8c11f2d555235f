import ByteCoding
import Identifiers
import Metadata

/// The block behind the footer of a sealed segment. It finds the footer from the end of the file, and
/// is evidence that all batches before the footer were durable.
struct SegmentSeal: Equatable {
    /// The boundary before the footer batch.
    var footer: LogPosition
    var firstTime: Int64
    var lastTime: Int64

    func encode(seed: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: LogFormat.sealMagic)
        footer.encode(into: &bytes)
        bytes.append(littleEndian: firstTime)
        bytes.append(littleEndian: lastTime)
        bytes.append(contentsOf: repeatElement(0, count: LogFormat.blockByteCount - 4 - bytes.count))
        bytes.append(littleEndian: CRC32C.of(bytes.span.bytes, continuing: seed))
        return bytes
    }

    init(footer: LogPosition, firstTime: Int64, lastTime: Int64) {
        self.footer = footer
        self.firstTime = firstTime
        self.lastTime = lastTime
    }

    init?(decoding block: RawSpan, seed: UInt32) {
        var reader = ByteReader(block)
        do {
            guard block.byteCount == LogFormat.blockByteCount,
                try reader.littleEndian(UInt64.self) == LogFormat.sealMagic
            else { return nil }
            footer = try LogPosition(from: &reader)
            firstTime = try reader.littleEndian()
            lastTime = try reader.littleEndian()
            var tail = ByteReader(block.extracting(last: 4))
            guard
                try tail.littleEndian(UInt32.self)
                    == CRC32C.of(block.extracting(droppingLast: 4), continuing: seed)
            else { return nil }
        } catch {
            return nil
        }
    }
}
