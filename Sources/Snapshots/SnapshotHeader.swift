import ByteCoding
import Compression
import Identifiers

/// Sets of features by whether a program that does not know one may go on, as in ext4.
package struct FeatureBits: Equatable, Sendable {
    /// Not knowing one does no harm.
    package var compatible: UInt64 = 0
    /// Who does not know one may read but must not change the file.
    package var readOnlyCompatible: UInt64 = 0
    /// Who does not know one must not touch the file.
    package var incompatible: UInt64 = 0

    package init() {}
}

/// The first block of a snapshot: what is known before the image is walked.
package struct SnapshotHeader: Equatable, Sendable {
    package var minor = SnapshotFormat.minor
    package var features = FeatureBits()
    /// The store that wrote the snapshot.
    package var storeID: UInt128
    /// Random, new for each file: it seeds every checksum, so that no block of another file passes.
    package var nonce: UInt128
    /// Every record up to this one was applied before the walk began.
    package var startZxid: Zxid
    package var generation: UInt32
    /// Milliseconds since 1970 UTC. For people; nothing is decided by it.
    package var creationTime: Int64
    /// How the writer was told to compress; each block says how it was.
    package var codec: Codec

    package init(
        storeID: UInt128, nonce: UInt128, startZxid: Zxid, generation: UInt32, creationTime: Int64,
        codec: Codec
    ) {
        self.storeID = storeID
        self.nonce = nonce
        self.startZxid = startZxid
        self.generation = generation
        self.creationTime = creationTime
        self.codec = codec
    }

    package var name: SnapshotName { SnapshotName(startZxid: startZxid, generation: generation) }

    private static let storeIDOffset = 40
    private static let generationOffset = 88
    private static let checksumOffset = SnapshotFormat.headerByteCount - 4

    func encoded() -> [UInt8] {
        var bytes = SnapshotFormat.headerMagic
        bytes.reserveCapacity(SnapshotFormat.headerByteCount)
        bytes.append(littleEndian: SnapshotFormat.major)
        bytes.append(littleEndian: minor)
        bytes.append(codec.rawValue)
        bytes.append(contentsOf: [0, 0, 0])
        bytes.append(littleEndian: features.compatible)
        bytes.append(littleEndian: features.readOnlyCompatible)
        bytes.append(littleEndian: features.incompatible)
        bytes.append(littleEndian: storeID)
        bytes.append(littleEndian: nonce)
        bytes.append(littleEndian: startZxid.rawValue)
        bytes.append(littleEndian: creationTime)
        bytes.append(littleEndian: generation)
        bytes.append(contentsOf: repeatElement(0, count: Self.checksumOffset - bytes.count))
        bytes.append(littleEndian: CRC32C.of(bytes.span.bytes))
        return bytes
    }

    /// Lets an encoded header, of whatever minor version, say another store and generation. All blocks stay
    /// true: their checksums know the nonce alone.
    static func readdress(_ bytes: inout [UInt8], storeID: UInt128, generation: UInt32) {
        bytes.replace(littleEndian: storeID, at: storeIDOffset)
        bytes.replace(littleEndian: generation, at: generationOffset)
        bytes.replace(
            littleEndian: CRC32C.of(bytes.span.bytes.extracting(first: checksumOffset)), at: checksumOffset)
    }

    /// Reads the header block; the bytes that this version leaves zero may hold compatible additions.
    package init(decoding bytes: RawSpan) throws(SnapshotDefect) {
        guard bytes.byteCount >= SnapshotFormat.headerByteCount else {
            throw .truncated(
                neededByteCount: SnapshotFormat.headerByteCount, foundByteCount: bytes.byteCount)
        }
        var reader = SnapshotFieldReader(bytes)
        guard try reader.matches(SnapshotFormat.headerMagic) else { throw .wrongMagic }
        let stored = try SnapshotFieldReader.checksum(in: bytes, at: Self.checksumOffset)
        let computed = CRC32C.of(bytes.extracting(first: Self.checksumOffset))
        guard stored == computed else { throw .checksumMismatch(stored: stored, computed: computed) }
        let major: UInt16 = try reader.next()
        guard major == SnapshotFormat.major else { throw .unsupportedMajor(major) }
        minor = try reader.next()
        let codecValue: UInt8 = try reader.next()
        try reader.zeroes(3)
        features.compatible = try reader.next()
        features.readOnlyCompatible = try reader.next()
        features.incompatible = try reader.next()
        let unknown = features.incompatible & ~SnapshotFormat.knownIncompatibleFeatures
        guard unknown == 0 else { throw .unknownIncompatibleFeatures(unknown) }
        guard let codec = Codec(rawValue: codecValue) else { throw .unknownCodec(codecValue) }
        self.codec = codec
        storeID = try reader.next()
        nonce = try reader.next()
        startZxid = Zxid(rawValue: try reader.next())
        creationTime = try reader.next()
        generation = try reader.next()
    }
}
