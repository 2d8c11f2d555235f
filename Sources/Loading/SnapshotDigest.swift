import DataTree
import Disk
import Jute
import Snapshots

/// Reads a snapshot as a loader would, and finds whether it leads to the state that its footer states.
///
/// Only the nodes that the tail touches are built, so this takes little memory however large the tree is.
package struct SnapshotDigest<D: Disk> {
    private let snapshot: SnapshotReader<D>

    package init(_ snapshot: SnapshotReader<D>) { self.snapshot = snapshot }

    /// Throws if image and tail do not lead to the footer's digest and number of nodes.
    ///
    /// - Parameter betweenPieces: called after each block, for urgent other work.
    package func check(betweenPieces: () -> Void) throws(StateDefect) {
        var verification = ImageVerification(hashSeed: .random(in: 0...UInt64.max))
        try forEachBlock(.tail, betweenPieces) { number, block throws(StateDefect) in
            try block.forEachRecord(of: number) { record throws(JuteDefect) in try verification.note(record) }
        }
        try forEachBlock(.nodes, betweenPieces) { number, block throws(StateDefect) in
            do throws(ImageDefect) {
                try verification.add(block.bytes.span.bytes)
            } catch {
                throw .slice(block: number, error)
            }
        }
        try forEachBlock(.tail, betweenPieces) { number, block throws(StateDefect) in
            try block.forEachRecord(of: number) { record throws(JuteDefect) in
                try verification.replay(record)
            }
        }
        let end = snapshot.footer.end
        try StateDefect.compare("tree digest", stated: end.digest, found: verification.digest)
        try StateDefect.compare("nodes", stated: end.totals.nodeCount, found: verification.nodeCount)
    }

    private func forEachBlock(
        _ kind: BlockKind, _ betweenPieces: () -> Void,
        _ body: (Int, SnapshotBlock) throws(StateDefect) -> Void
    ) throws(StateDefect) {
        for number in 0..<snapshot.blockCount {
            let block: SnapshotBlock
            do throws(SnapshotReadError) {
                guard try snapshot.entry(at: number).kind == kind else { continue }
                block = try snapshot.decodeBlock(number)
            } catch {
                throw .unreadable(error)
            }
            try body(number, block)
            betweenPieces()
        }
    }
}
