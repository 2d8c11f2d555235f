import CLZ4
import CZlib

/// How stored bytes are compressed. The raw value is what stands in files.
package enum Codec: UInt8, Sendable, CaseIterable {
    case none = 0
    case lz4 = 1
    case zlib = 2
}

/// Stored bytes are not what their codec makes.
package enum DecompressionError: Error, Equatable {
    /// The stored bytes do not decode, or not to the length that was promised.
    case malformed(codec: Codec)
}

extension Codec {
    /// The most bytes that compressing `byteCount` bytes can take.
    package func compressedByteCountMax(for byteCount: Int) -> Int {
        switch self {
        case .none: byteCount
        case .lz4: Int(LZ4_compressBound(Int32(clamping: byteCount)))
        case .zlib: Int(compressBound(UInt(byteCount)))
        }
    }

    /// The most bytes that `byteCount` stored bytes can stand for; a reader believes in no more.
    package func expansionMax(of byteCount: Int) -> Int {
        switch self {
        case .none: byteCount
        case .lz4: 255 * byteCount + 16
        case .zlib: 1032 * byteCount + 64
        }
    }

    /// Compresses `source` into `destination`; returns the bytes used, nil if they do not fit.
    ///
    /// Nothing is allocated by this call for `.none` and `.lz4`.
    package func compress(
        _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
    ) -> Int? {
        switch self {
        case .none:
            guard source.count <= destination.count else { return nil }
            destination.copyMemory(from: source)
            return source.count
        case .lz4:
            let count = LZ4_compress_default(
                source.baseAddress, destination.baseAddress, Int32(clamping: source.count),
                Int32(clamping: destination.count))
            return count > 0 ? Int(count) : nil
        case .zlib:
            var count = UInt(destination.count)
            let status = compress2(
                destination.baseAddress, &count, source.baseAddress, UInt(source.count), 1)
            return status == Z_OK ? Int(count) : nil
        }
    }

    /// Decompresses `source` into all of `destination`; the length must come out exactly.
    ///
    /// The caller allocates `destination` after checking its size against its own limit.
    package func decompress(
        _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) {
        let count: Int
        switch self {
        case .none:
            guard source.count == destination.count else { throw .malformed(codec: self) }
            destination.copyMemory(from: source)
            count = source.count
        case .lz4:
            count = Int(
                LZ4_decompress_safe(
                    source.baseAddress, destination.baseAddress, Int32(clamping: source.count),
                    Int32(clamping: destination.count)))
        case .zlib:
            var written = UInt(destination.count)
            let status = uncompress(
                destination.baseAddress, &written, source.baseAddress, UInt(source.count))
            count = status == Z_OK ? Int(written) : -1
        }
        guard count == destination.count else { throw .malformed(codec: self) }
    }
}
