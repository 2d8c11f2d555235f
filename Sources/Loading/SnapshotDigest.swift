import DataTree
import Disk
import Jute
import Snapshots

/// Reads a snapshot back as a loader would, and finds whether it leads to the state that its footer states.
///
/// Each block is read from the disk once, but for those of the tail, which are needed twice. Only the nodes
/// that the tail touches are built, so this takes little memory however large the tree is.
package struct SnapshotDigest<D: Disk>: ~Copyable {
    private let snapshot: SnapshotReader<D>
    private var image = ImageVerification(hashSeed: .random(in: 0...UInt64.max))
    private var tailNumbers: [Int] = []

    private init(_ snapshot: SnapshotReader<D>) { self.snapshot = snapshot }

    /// Verifies every byte, and throws besides if image and tail do not lead to the footer's digest and number
    /// of nodes.
    ///
    /// - Parameter betweenPieces: called after each block, for urgent other work.
    package static func verify(
        _ snapshot: SnapshotReader<D>, betweenPieces: () -> Void
    ) throws(StateDefect) -> VerifiedSnapshot {
        var digest = SnapshotDigest(snapshot)
        var verification = try reading { () throws(SnapshotReadError) in try SnapshotVerification(snapshot) }
        while let (number, block) = try reading({ () throws(SnapshotReadError) in try verification.next() }) {
            try digest.take(block, number)
            betweenPieces()
        }
        try digest.replayTail(betweenPieces)
        let end = snapshot.footer.end
        try StateDefect.compare("tree digest", stated: end.digest, found: digest.image.digest)
        try StateDefect.compare("nodes", stated: end.totals.nodeCount, found: digest.image.nodeCount)
        return try reading { () throws(SnapshotReadError) in try verification.finish() }
    }

    private mutating func take(_ block: SnapshotBlock, _ number: Int) throws(StateDefect) {
        switch block.kind {
        case .tail:
            tailNumbers.append(number)
            try block.forEachRecord(of: number) { record throws(JuteDefect) in try image.note(record) }
        case .nodes:
            do throws(ImageDefect) {
                try image.add(block.bytes.span.bytes)
            } catch {
                throw .slice(block: number, error)
            }
        case .sessions, .configuration: break
        }
    }

    /// On the touched nodes, once the whole image is here.
    private mutating func replayTail(_ betweenPieces: () -> Void) throws(StateDefect) {
        for number in tailNumbers {
            let block = try Self.reading { () throws(SnapshotReadError) in try snapshot.decodeBlock(number) }
            try block.forEachRecord(of: number) { record throws(JuteDefect) in try image.replay(record) }
            betweenPieces()
        }
    }

    private static func reading<Value>(
        _ body: () throws(SnapshotReadError) -> Value
    ) throws(StateDefect) -> Value {
        do throws(SnapshotReadError) { return try body() } catch { throw .unreadable(error) }
    }
}
