import Disk

/// Writes a file from front to back at a bounded rate, and keeps the page cache from hoarding it.
///
/// Unpaced snapshot writing lets a log sync on the same file system wait a hundred times as long:
/// the kernel then writes all dirty pages of the snapshot before the log's few.
package struct PacedFile<File: DiskFile>: Sendable {
    /// Begins to write back after so many bytes. A sync of the log may have to wait behind them.
    private static var writeBackByteCount: Int { 256 << 10 }
    /// Waits for what was begun so many bytes ago, so that dirty pages stay bounded.
    private static var lagByteCount: Int { 512 << 10 }
    /// The most bytes written between two pauses.
    private static var stepByteCount: Int { 256 << 10 }

    private let file: File
    /// Bytes per second; nil writes as fast as the disk takes it.
    private let byteCountPerSecond: Int?
    private let pause: @Sendable (_ nanoseconds: UInt64) -> Void
    /// Where the next byte goes.
    package private(set) var offset = 0
    private var begunOffset = 0
    private var awaitedOffset = 0

    package init(
        _ file: File, byteCountPerSecond: Int?, pause: @escaping @Sendable (_ nanoseconds: UInt64) -> Void
    ) {
        self.file = file
        self.byteCountPerSecond = byteCountPerSecond
        self.pause = pause
    }

    /// Writes the first `byteCount` bytes of `bytes` at the end. Not durable before `sync`.
    mutating func append(_ bytes: borrowing [UInt8], byteCount: Int) throws(DiskError) {
        try append(bytes.span.bytes.extracting(first: byteCount))
    }

    /// Writes all bytes at the end. Not durable before `sync`.
    package mutating func append(_ bytes: RawSpan) throws(DiskError) {
        var written = 0
        while written < bytes.byteCount {
            let step = min(Self.stepByteCount, bytes.byteCount - written)
            let piece = bytes.extracting(written..<written + step)
            let start = offset
            let file = file
            try piece.withUnsafeBytes { (buffer) throws(DiskError) in
                try file.write(buffer, at: start)
            }
            offset += step
            written += step
            try writeBack()
            spend(step)
        }
    }

    func sync(for rule: DurabilityRule) throws(DiskError) { try file.sync(for: rule) }

    private mutating func writeBack() throws(DiskError) {
        while offset - begunOffset >= Self.writeBackByteCount {
            try file.writeBack(from: begunOffset, byteCount: Self.writeBackByteCount, wait: false)
            begunOffset += Self.writeBackByteCount
            guard begunOffset - awaitedOffset > Self.lagByteCount else { continue }
            try file.writeBack(from: awaitedOffset, byteCount: Self.writeBackByteCount, wait: true)
            awaitedOffset += Self.writeBackByteCount
        }
    }

    /// Pays for written bytes with time. A ceiling: what the write itself took comes on top, unless
    /// `pause` takes it off.
    private func spend(_ byteCount: Int) {
        guard let byteCountPerSecond, byteCountPerSecond > 0 else { return }
        pause(UInt64(byteCount) * 1_000_000_000 / UInt64(byteCountPerSecond))
    }
}
