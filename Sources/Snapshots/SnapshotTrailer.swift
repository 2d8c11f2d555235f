import ByteCoding

/// The last 40 bytes of a file, from which it is opened.
struct SnapshotTrailer: Equatable {
    var footerOffset: Int
    /// The footer's frame, header included.
    var footerFrameByteCount: Int
    var footerChecksum: UInt32
    var fileByteCount: Int

    private static let checksumOffset = SnapshotFormat.trailerByteCount - 4

    func encoded(nonce: UInt128) -> [UInt8] {
        var bytes = SnapshotFormat.trailerMagic
        bytes.append(littleEndian: UInt64(footerOffset))
        bytes.append(littleEndian: UInt64(fileByteCount))
        bytes.append(littleEndian: UInt32(footerFrameByteCount))
        bytes.append(littleEndian: footerChecksum)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: CRC32C.of(bytes.span.bytes, continuing: CRC32C.of(nonce: nonce)))
        return bytes
    }

    /// Reads the trailer and checks that the footer it names stands just before it.
    init(decoding bytes: RawSpan, nonce: UInt128, fileByteCount found: Int) throws(SnapshotDefect) {
        guard bytes.byteCount == SnapshotFormat.trailerByteCount else {
            throw .truncated(
                neededByteCount: SnapshotFormat.trailerByteCount, foundByteCount: bytes.byteCount)
        }
        var reader = SnapshotFieldReader(bytes)
        guard try reader.matches(SnapshotFormat.trailerMagic) else { throw .wrongMagic }
        let stored = try SnapshotFieldReader.checksum(in: bytes, at: Self.checksumOffset)
        let computed = CRC32C.of(
            bytes.extracting(first: Self.checksumOffset), continuing: CRC32C.of(nonce: nonce))
        guard stored == computed else { throw .checksumMismatch(stored: stored, computed: computed) }
        footerOffset = try reader.count(.footerOffset)
        fileByteCount = try reader.count(.fileByteCount)
        footerFrameByteCount = Int(try reader.next(UInt32.self))
        footerChecksum = try reader.next()
        try reader.zeroes(4)
        guard fileByteCount == found else {
            throw .disagreement(.fileByteCount, stated: UInt64(fileByteCount), found: UInt64(found))
        }
        try checkFooterPlace()
    }

    init(footerOffset: Int, footerFrameByteCount: Int, footerChecksum: UInt32, fileByteCount: Int) {
        self.footerOffset = footerOffset
        self.footerFrameByteCount = footerFrameByteCount
        self.footerChecksum = footerChecksum
        self.fileByteCount = fileByteCount
    }

    private func checkFooterPlace() throws(SnapshotDefect) {
        let least = SnapshotFormat.blockHeaderByteCount + SnapshotFormat.footerByteCount
        let most = SnapshotFormat.blockHeaderByteCount + SnapshotFormat.footerByteCountMax
        guard (least...most).contains(footerFrameByteCount) else {
            throw .outOfBounds(
                .footerByteCount, value: UInt64(footerFrameByteCount), limit: UInt64(most))
        }
        let expected = fileByteCount - SnapshotFormat.trailerByteCount - footerFrameByteCount
        guard footerOffset == expected else {
            throw .disagreement(
                .footerOffset, stated: UInt64(footerOffset), found: UInt64(max(0, expected)))
        }
    }
}
