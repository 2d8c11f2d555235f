import Disk
import Identifiers

/// Proof that a snapshot was read back whole; only `SnapshotVerification` makes one.
///
/// Log may be purged below a snapshot only on the strength of this.
package struct VerifiedSnapshot: Equatable, Sendable {
    package let name: SnapshotName
    package let end: SnapshotEnd
    package let byteCount: Int
    package let footerChecksum: UInt32

    fileprivate init<D: Disk>(_ snapshot: SnapshotReader<D>) {
        name = snapshot.name
        end = snapshot.footer.end
        byteCount = snapshot.byteCount
        footerChecksum = snapshot.footerChecksum
    }
}

/// Reads a snapshot again, past the page cache: every checksum, every decompression, every count.
///
/// What it does not do is look into the blocks; whether the state they make has the footer's digest only
/// a loader can say. So it hands the blocks out, each once, to whoever wants to see for himself.
package struct SnapshotVerification<D: Disk> {
    private let snapshot: SnapshotReader<D>
    /// Those not read yet, the next one last.
    private var numbers: [Int]

    /// Opens the snapshot anew and forgets what the page cache has of it.
    package init(_ opened: SnapshotReader<D>) throws(SnapshotReadError) {
        try opened.dropCache()
        snapshot = try SnapshotReader(opened.file, path: opened.path)
        guard snapshot.footerChecksum == opened.footerChecksum else {
            throw SnapshotReadError(
                path: snapshot.path, part: .footer,
                offset: snapshot.byteCount - SnapshotFormat.trailerByteCount,
                defect: .disagreement(
                    .footerChecksum, stated: UInt64(opened.footerChecksum),
                    found: UInt64(snapshot.footerChecksum)))
        }
        var tail: [Int] = []
        var image: [Int] = []
        for number in 0..<snapshot.blockCount {
            let isTail = try snapshot.entry(at: number).kind == .tail
            if isTail { tail.append(number) } else { image.append(number) }
        }
        numbers = (tail + image).reversed()
    }

    /// The next block: first those of the tail, in their order, then the image's; nil after the last.
    package mutating func next() throws(SnapshotReadError) -> (number: Int, block: SnapshotBlock)? {
        guard let number = numbers.last else { return nil }
        let block = try snapshot.decodeBlock(number)
        numbers.removeLast()
        return (number, block)
    }

    /// The proof. Only after `next` returned nil.
    ///
    /// The counts and lengths add up: opening held the index against the footer, and decoding held every
    /// block against the index.
    package consuming func finish() throws(SnapshotReadError) -> VerifiedSnapshot {
        precondition(numbers.isEmpty, "\(numbers.count) blocks were not read")
        // Nobody reads these pages again; the log's are worth more.
        try snapshot.dropCache()
        return VerifiedSnapshot(snapshot)
    }
}

extension SnapshotReader {
    /// Reads everything again, without looking into it.
    package func verify() throws(SnapshotReadError) -> VerifiedSnapshot {
        var verification = try SnapshotVerification(self)
        while try verification.next() != nil {}
        return try verification.finish()
    }

    fileprivate func dropCache() throws(SnapshotReadError) {
        do throws(DiskError) {
            try file.dropCache()
        } catch {
            throw SnapshotReadError(path: path, part: .header, offset: 0, defect: .disk(error))
        }
    }
}
