import ByteCoding
import Identifiers

/// How much there is at a snapshot's end zxid. The caller counts; a loader must come to the same.
package struct SnapshotTotals: Equatable, Sendable {
    package var nodeCount: Int
    package var ephemeralCount: Int
    package var sessionCount: Int
    /// The bytes of all nodes' paths and data.
    package var dataByteCount: Int
    /// Records in the tail.
    package var tailRecordCount: Int

    package init(
        nodeCount: Int, ephemeralCount: Int, sessionCount: Int, dataByteCount: Int, tailRecordCount: Int
    ) {
        self.nodeCount = nodeCount
        self.ephemeralCount = ephemeralCount
        self.sessionCount = sessionCount
        self.dataByteCount = dataByteCount
        self.tailRecordCount = tailRecordCount
    }
}

/// Where a snapshot ends: what is known only when the tail is written.
package struct SnapshotEnd: Equatable, Sendable {
    /// Loading the image and replaying the tail gives exactly the state at this zxid.
    package var zxid: Zxid
    /// The epoch in which the snapshot was taken.
    package var epoch: Epoch
    /// How the digest is computed; 2 is ZooKeeper's sum of the nodes' CRC-32.
    package var digestVersion: UInt32
    /// The tree's digest at `zxid`.
    package var digest: UInt64
    package var totals: SnapshotTotals

    package init(
        zxid: Zxid, epoch: Epoch, digestVersion: UInt32, digest: UInt64, totals: SnapshotTotals
    ) {
        self.zxid = zxid
        self.epoch = epoch
        self.digestVersion = digestVersion
        self.digest = digest
        self.totals = totals
    }
}

/// What a snapshot's blocks come to, counted by the writer and counted again by every reader.
package struct BlockTotals: Equatable, Sendable {
    package var blockCount = 0
    package var rawByteCount = 0
    package var sessionRecordCount = 0
    package var nodeRecordCount = 0
    package var tailRecordCount = 0
    package var configurationRecordCount = 0

    package init() {}

    /// Adds a block. Cannot overflow: there are at most 2^21 blocks of at most 2^26 bytes.
    mutating func add(_ block: BlockEntry) {
        blockCount += 1
        rawByteCount += block.rawByteCount
        switch block.kind {
        case .sessions: sessionRecordCount += block.recordCount
        case .nodes: nodeRecordCount += block.recordCount
        case .tail: tailRecordCount += block.recordCount
        case .configuration: configurationRecordCount += block.recordCount
        }
    }

    package func recordCount(of kind: BlockKind) -> Int {
        switch kind {
        case .sessions: sessionRecordCount
        case .nodes: nodeRecordCount
        case .tail: tailRecordCount
        case .configuration: configurationRecordCount
        }
    }
}

/// The last frame: what the snapshot is the state of, and what its blocks come to.
package struct SnapshotFooter: Equatable, Sendable {
    package var startZxid: Zxid
    package var end: SnapshotEnd
    package var blocks: BlockTotals
    var indexOffset: Int
    var indexChecksum: UInt32

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SnapshotFormat.footerByteCount)
        bytes.append(littleEndian: startZxid.rawValue)
        bytes.append(littleEndian: end.zxid.rawValue)
        bytes.append(littleEndian: end.epoch.rawValue)
        bytes.append(littleEndian: end.digestVersion)
        bytes.append(littleEndian: end.digest)
        let totals = end.totals
        let counts = [
            totals.nodeCount, totals.ephemeralCount, totals.sessionCount, totals.dataByteCount,
            totals.tailRecordCount, blocks.blockCount, blocks.rawByteCount, blocks.sessionRecordCount,
            blocks.nodeRecordCount, blocks.tailRecordCount, blocks.configurationRecordCount, indexOffset,
        ]
        for count in counts { bytes.append(littleEndian: UInt64(count)) }
        bytes.append(littleEndian: indexChecksum)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(contentsOf: repeatElement(0, count: SnapshotFormat.footerByteCount - bytes.count))
        return bytes
    }

    /// Reads a footer; bytes beyond those this version knows are a later minor version's.
    package init(decoding bytes: RawSpan) throws(SnapshotDefect) {
        var reader = SnapshotFieldReader(bytes)
        startZxid = Zxid(rawValue: try reader.next())
        let endZxid = Zxid(rawValue: try reader.next())
        let epoch = Epoch(rawValue: try reader.next())
        let digestVersion: UInt32 = try reader.next()
        let digest: UInt64 = try reader.next()
        let totals = SnapshotTotals(
            nodeCount: try reader.count(.total), ephemeralCount: try reader.count(.total),
            sessionCount: try reader.count(.total), dataByteCount: try reader.count(.total),
            tailRecordCount: try reader.count(.tailRecordCount))
        end = SnapshotEnd(
            zxid: endZxid, epoch: epoch, digestVersion: digestVersion, digest: digest, totals: totals)
        blocks = BlockTotals()
        blocks.blockCount = try reader.count(.blockCount)
        blocks.rawByteCount = try reader.count(.rawByteCount)
        blocks.sessionRecordCount = try reader.count(.recordCount)
        blocks.nodeRecordCount = try reader.count(.recordCount)
        blocks.tailRecordCount = try reader.count(.recordCount)
        blocks.configurationRecordCount = try reader.count(.recordCount)
        indexOffset = try reader.count(.indexOffset)
        indexChecksum = try reader.next()
        try reader.zeroes(4)
        guard endZxid >= startZxid else {
            throw .outOfBounds(
                .startZxid, value: UInt64(bitPattern: startZxid.rawValue),
                limit: UInt64(bitPattern: endZxid.rawValue))
        }
        guard totals.tailRecordCount == blocks.tailRecordCount else {
            throw .disagreement(
                .tailRecordCount, stated: UInt64(totals.tailRecordCount),
                found: UInt64(blocks.tailRecordCount))
        }
    }

    init(
        startZxid: Zxid, end: SnapshotEnd, blocks: BlockTotals, indexOffset: Int, indexChecksum: UInt32
    ) {
        self.startZxid = startZxid
        self.end = end
        self.blocks = blocks
        self.indexOffset = indexOffset
        self.indexChecksum = indexChecksum
    }
}
