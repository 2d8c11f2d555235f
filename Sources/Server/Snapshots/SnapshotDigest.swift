import DataTree
import Disk
import Jute
import Snapshots

/// Reads a snapshot as a loader would, and finds whether it leads to the state that its footer states.
///
/// Only the nodes that the tail touches are built, so this takes little memory however large the tree is.
struct SnapshotDigest<D: Disk> {
    /// Not nested: the optimizer of Swift 6.3.1 stops at a typed error that depends on `D`.
    typealias Mismatch = SnapshotMismatch

    private let snapshot: SnapshotReader<D>

    init(_ snapshot: SnapshotReader<D>) { self.snapshot = snapshot }

    /// Throws if image and tail do not lead to the footer's digest and number of nodes.
    ///
    /// - Parameter betweenPieces: called after each block, for urgent other work.
    func check(betweenPieces: () -> Void) throws(Mismatch) {
        var verification = ImageVerification(hashSeed: .random(in: 0...UInt64.max))
        try forEachBlock(.tail, betweenPieces) { number, block throws(Mismatch) in
            try forEachRecord(of: block, number) { record throws(JuteDefect) in try verification.note(record)
            }
        }
        try forEachBlock(.nodes, betweenPieces) { number, block throws(Mismatch) in
            do throws(ImageDefect) {
                try verification.add(block.bytes.span.bytes)
            } catch {
                throw .image(block: number, error)
            }
        }
        try forEachBlock(.tail, betweenPieces) { number, block throws(Mismatch) in
            try forEachRecord(of: block, number) { record throws(JuteDefect) in
                try verification.replay(record)
            }
        }
        let stated = snapshot.footer.end
        guard verification.digest == stated.digest else {
            throw .digest(found: verification.digest, stated: stated.digest)
        }
        guard verification.nodeCount == stated.totals.nodeCount else {
            throw .nodeCount(found: verification.nodeCount, stated: stated.totals.nodeCount)
        }
    }

    private func forEachBlock(
        _ kind: BlockKind, _ betweenPieces: () -> Void,
        _ body: (Int, SnapshotBlock) throws(Mismatch) -> Void
    ) throws(Mismatch) {
        for number in 0..<snapshot.blockCount {
            let block: SnapshotBlock
            do throws(SnapshotReadError) {
                guard try snapshot.entry(at: number).kind == kind else { continue }
                block = try snapshot.decodeBlock(number)
            } catch {
                throw .block(number, error)
            }
            try body(number, block)
            betweenPieces()
        }
    }

    private func forEachRecord(
        of block: SnapshotBlock, _ number: Int, _ body: (RawSpan) throws(JuteDefect) -> Void
    ) throws(Mismatch) {
        var records = TailReader(block.bytes.span.bytes)
        while true {
            let record: RawSpan?
            do throws(TailDefect) { record = try records.next() } catch { throw .tail(block: number, error) }
            guard let record else { return }
            do throws(JuteDefect) { try body(record) } catch { throw .record(block: number, error) }
        }
    }
}

/// Why the snapshot is not what its footer says, though every checksum is right.
enum SnapshotMismatch: Error, CustomStringConvertible {
    case block(Int, SnapshotReadError)
    case image(block: Int, ImageDefect)
    case tail(block: Int, TailDefect)
    case record(block: Int, JuteDefect)
    case digest(found: UInt64, stated: UInt64)
    case nodeCount(found: Int, stated: Int)

    var description: String {
        switch self {
        case .block(_, let error): "\(error)"
        case .image(let block, let defect): "block \(block) is not a slice of an image: \(defect)"
        case .tail(let block, let defect): "block \(block) is not a piece of a tail: \(defect)"
        case .record(let block, let defect): "block \(block) holds a record that does not read: \(defect)"
        case .digest(let found, let stated):
            "it leads to the digest \(found), its footer states \(stated)"
        case .nodeCount(let found, let stated): "it leads to \(found) nodes, its footer states \(stated)"
        }
    }
}
