/// The constants of the log's files (docs/log-format.md). All integers in them are little-endian.
package enum LogFormat {
    /// Every header, batch and trailer begins at a multiple of this.
    package static let blockByteCount = 4096
    /// Blocks 0 and 1 hold the two copies of the segment's header.
    package static let headerByteCount = 2 * blockByteCount
    package static let batchHeaderByteCount = 128
    /// The last bytes of a batch's last block repeat its ordinal and payload checksum.
    package static let batchTrailerByteCount = 16
    package static let recordHeaderByteCount = 12

    /// "AVRYSEGM", little-endian.
    static let segmentMagic: UInt64 = 0x4d47_4553_5952_5641
    /// "AVBT", little-endian.
    static let batchMagic: UInt32 = 0x5442_5641
    /// "AVRYSEAL", little-endian.
    static let sealMagic: UInt64 = 0x4c41_4553_5952_5641

    static let majorVersion: UInt16 = 1
    static let minorVersion: UInt16 = 0
    static let knownIncompatibleFeatures: UInt32 = 0

    package static let segmentByteCountDefault = 64 * 1024 * 1024
    /// A batch is closed when it holds this much, or this many records; a larger record goes alone.
    package static let batchByteCountTarget = 1024 * 1024
    package static let batchRecordCountMax = 4096
    /// The longest record that the log takes, and the longest payload that a reader believes in.
    package static let recordByteCountMax = 16 * 1024 * 1024
    static let payloadByteCountMax = recordByteCountMax + batchByteCountTarget + recordHeaderByteCount

    /// Only payloads of this many bytes are compressed. Smaller ones fill one block anyway; for larger
    /// ones compressing takes longer than the disk needs for the bytes saved (docs/benchmarks.md).
    static let compressionByteCounts = 1024...16 * 1024

    static func roundUpToBlock(_ byteCount: Int) -> Int {
        (byteCount + blockByteCount - 1) / blockByteCount * blockByteCount
    }
}
