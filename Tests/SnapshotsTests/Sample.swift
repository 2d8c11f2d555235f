import Compression
import Disk
import Identifiers
import Simulation

@testable import Snapshots

/// A snapshot's contents, made from a seed.
struct Sample {
    struct Piece: Equatable {
        var kind: BlockKind
        var recordCount: Int
        var bytes: [UInt8]
    }

    var header: SnapshotHeader
    var pieces: [Piece]
    var end: SnapshotEnd

    static let kinds: [BlockKind] = [.configuration, .sessions, .nodes, .tail]

    init(
        seed: UInt64, codec: Codec = .lz4, pieceCount: Int = 12, pieceByteCountMax: Int = 200,
        startZxid: Int64 = 0x5_0000_0010, generation: UInt32 = 7
    ) {
        var random = SeededRandom(seed: seed)
        header = SnapshotHeader(
            storeID: UInt128(random.next()) << 64 | UInt128(random.next()),
            nonce: UInt128(random.next()) << 64 | UInt128(random.next()),
            startZxid: Zxid(rawValue: startZxid), generation: generation, creationTime: 1_700_000_000_123,
            codec: codec)
        pieces = []
        for kind in Self.kinds {
            for _ in 0..<max(1, pieceCount / Self.kinds.count) {
                let count = 1 + random.below(pieceByteCountMax)
                // Half of the pieces are noise, which no codec shortens.
                let mask: UInt8 = random.oneIn(2) ? 0xFF : 0x01
                let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) & mask }
                pieces.append(
                    Piece(kind: kind, recordCount: 1 + random.below(min(count, 9)), bytes: bytes))
            }
        }
        end = SnapshotEnd(
            zxid: Zxid(rawValue: startZxid + 40), epoch: Epoch(rawValue: 5), digestVersion: 2,
            digest: random.next(),
            totals: SnapshotTotals(
                nodeCount: 1234, ephemeralCount: 5, sessionCount: 6, dataByteCount: 7890,
                tailRecordCount: Self.recordCount(of: .tail, in: pieces)))
    }

    /// What a reader must give back: each kind's bytes, whatever blocks they came in.
    func contents(of kind: BlockKind) -> [UInt8] {
        pieces.filter { $0.kind == kind }.flatMap(\.bytes)
    }

    func recordCount(of kind: BlockKind) -> Int { Self.recordCount(of: kind, in: pieces) }

    @discardableResult
    func write<D: Disk>(
        on disk: D, in directory: String, pacing: SnapshotPacing = .none
    ) throws(SnapshotWriteError) -> WrittenSnapshot {
        var writer = try SnapshotWriter(on: disk, directory: directory, header: header, pacing: pacing)
        for piece in pieces {
            try writer.append(piece.kind, recordCount: piece.recordCount, bytes: piece.bytes.span)
        }
        return try writer.finish(end)
    }

    private static func recordCount(of kind: BlockKind, in pieces: [Piece]) -> Int {
        pieces.reduce(0) { $0 + ($1.kind == kind ? $1.recordCount : 0) }
    }
}

extension SnapshotPacing {
    /// As fast as possible, asking for no space.
    static var none: SnapshotPacing {
        SnapshotPacing(
            byteCountPerSecond: nil, expectedByteCount: 0, reservedByteCount: 0, pause: { _ in })
    }
}

/// Everything that a reader says about a snapshot.
struct Reading: Equatable {
    var header: SnapshotHeader
    var footer: SnapshotFooter
    var blocks: [SnapshotBlock] = []

    init<D: Disk>(_ path: String, on disk: D) throws(SnapshotReadError) {
        let reader = try SnapshotReader(path, on: disk)
        header = reader.header
        footer = reader.footer
        for number in 0..<reader.blockCount { blocks.append(try reader.decodeBlock(number)) }
    }

    func contents(of kind: BlockKind) -> [UInt8] { blocks.filter { $0.kind == kind }.flatMap(\.bytes) }

    func recordCount(of kind: BlockKind) -> Int {
        blocks.reduce(0) { $0 + ($1.kind == kind ? $1.recordCount : 0) }
    }

    /// Whether this is the sample, whole and unchanged.
    func matches(_ sample: Sample) -> Bool {
        header == sample.header && footer.end == sample.end
            && Sample.kinds.allSatisfy { contents(of: $0) == sample.contents(of: $0) }
    }
}

/// The kernel's disk as these tests use it.
let kernelDisk = KernelDisk(syncMode: .bufferedThenSync)
