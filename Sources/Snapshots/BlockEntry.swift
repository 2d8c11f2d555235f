import ByteCoding
import Compression

/// What the index says of one block.
package struct BlockEntry: Equatable, Sendable {
    package var kind: BlockKind
    package var codec: Codec
    /// Where the block's header stands in the file.
    package var offset: Int
    package var rawByteCount: Int
    package var storedByteCount: Int
    package var recordCount: Int
    /// The block's own checksum, so that the index, and with it the footer, vouches for every byte.
    package var checksum: UInt32

    var endOffset: Int { offset + SnapshotFormat.blockHeaderByteCount + storedByteCount }

    init(_ header: BlockHeader, kind: BlockKind, offset: Int) {
        self.kind = kind
        codec = header.codec
        self.offset = offset
        rawByteCount = header.rawByteCount
        storedByteCount = header.storedByteCount
        recordCount = header.recordCount
        checksum = header.checksum
    }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt64(offset))
        bytes.append(littleEndian: UInt32(rawByteCount))
        bytes.append(littleEndian: UInt32(storedByteCount))
        bytes.append(littleEndian: UInt32(recordCount))
        bytes.append(littleEndian: checksum)
        bytes.append(kind.rawValue)
        bytes.append(codec.rawValue)
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0])
    }

    /// Reads an entry and checks that its lengths can be true.
    init(decoding bytes: RawSpan) throws(SnapshotDefect) {
        var reader = SnapshotFieldReader(bytes)
        offset = try reader.count(.blockOffset)
        rawByteCount = Int(try reader.next(UInt32.self))
        storedByteCount = Int(try reader.next(UInt32.self))
        recordCount = Int(try reader.next(UInt32.self))
        checksum = try reader.next()
        let kindValue: UInt8 = try reader.next()
        let codecValue: UInt8 = try reader.next()
        try reader.zeroes(6)
        guard let kind = BlockKind(rawValue: kindValue) else { throw .unknownKind(kindValue) }
        guard let codec = Codec(rawValue: codecValue) else { throw .unknownCodec(codecValue) }
        self.kind = kind
        self.codec = codec
        try checkLengths()
    }

    private func checkLengths() throws(SnapshotDefect) {
        let rawLimit = min(SnapshotFormat.blockByteCountMax, codec.expansionMax(of: storedByteCount))
        guard rawByteCount <= rawLimit else {
            throw .outOfBounds(.rawByteCount, value: UInt64(rawByteCount), limit: UInt64(rawLimit))
        }
        // A block is stored as it is when compression does not pay, so it never grows.
        guard storedByteCount <= rawByteCount else {
            throw .outOfBounds(
                .storedByteCount, value: UInt64(storedByteCount), limit: UInt64(rawByteCount))
        }
        guard recordCount <= rawByteCount else {
            throw .outOfBounds(.recordCount, value: UInt64(recordCount), limit: UInt64(rawByteCount))
        }
    }
}
