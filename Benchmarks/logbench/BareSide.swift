import Disk
import Glibc

/// Where the bare loop takes the bytes that it writes.
enum BareSource {
    /// One buffer again and again, as nothing but a benchmark does: after the first time the device
    /// reads it from the processor's cache.
    case sameBytes
    /// The next bytes of an image far larger than the caches: none of them has been written just
    /// before, as with a log, whose every batch is new.
    case freshBytes
}

/// Writes and syncs, and does nothing else.
struct BareSide {
    private static let fileByteCount = 64 * 1024 * 1024
    private static let imageByteCount = 64 * 1024 * 1024
    private let file: KernelFile
    private let image: AlignedBuffer
    private let byteCount: Int
    private var fileOffset = 0
    private var imageOffset = 0

    /// - Parameter byteCount: bytes a write, a multiple of the image's alignment.
    init(_ place: BenchPlace, byteCount: Int) throws {
        self.byteCount = byteCount
        let path = "\(place.path)/bare"
        unlink(path)
        let zeroed = try place.disk.create(path, access: .buffered)
        try zeroed.allocate(byteCount: Self.fileByteCount)
        let zeroes = AlignedBuffer(byteCount: 1024 * 1024)
        for start in stride(from: 0, to: Self.fileByteCount, by: zeroes.byteCount) {
            try zeroed.write(UnsafeRawBufferPointer(zeroes.bytes), at: start)
        }
        try zeroed.sync(for: .segmentHeaderSynced)
        file = try place.disk.open(path, access: .durable)
        image = AlignedBuffer(byteCount: max(Self.imageByteCount, byteCount))
        Self.fill(image)
    }

    mutating func turn(syncs: Int, from source: BareSource) throws -> Turn {
        var turn = Turn()
        for _ in 0..<syncs {
            if fileOffset + byteCount > Self.fileByteCount { fileOffset = 0 }
            let start = nextSource(source)
            let bytes = UnsafeRawBufferPointer(rebasing: image.bytes[start..<start + byteCount])
            let began = now()
            try file.writeDurably(bytes, at: fileOffset, for: .batchSynced)
            turn.nanoseconds.append(now() - began)
            fileOffset += byteCount
        }
        return turn
    }

    /// Where in the image the next write's bytes are.
    private mutating func nextSource(_ source: BareSource) -> Int {
        switch source {
        case .sameBytes: return 0
        case .freshBytes:
            imageOffset += byteCount
            if imageOffset + byteCount > image.byteCount { imageOffset = 0 }
            return imageOffset
        }
    }

    /// Bytes without a pattern, which no device can compress.
    private static func fill(_ image: AlignedBuffer) {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for offset in stride(from: 0, to: image.byteCount, by: 8) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            image.bytes.storeBytes(of: state, toByteOffset: offset, as: UInt64.self)
        }
    }
}
