import Disk
import Identifiers

/// Proof that a snapshot was read back whole; only `SnapshotReader.verify` makes one.
///
/// Log may be purged below a snapshot only on the strength of this.
package struct VerifiedSnapshot: Equatable, Sendable {
    package let name: SnapshotName
    package let end: SnapshotEnd
    package let byteCount: Int
    package let footerChecksum: UInt32

    fileprivate init(name: SnapshotName, end: SnapshotEnd, byteCount: Int, footerChecksum: UInt32) {
        self.name = name
        self.end = end
        self.byteCount = byteCount
        self.footerChecksum = footerChecksum
    }
}

extension SnapshotReader {
    /// Reads everything again, past the page cache: every checksum, every decompression, every count.
    ///
    /// What it does not do is look into the blocks; whether the state they make has the footer's digest
    /// only a loader can say. `progress` gets the file's bytes done and their total after each block,
    /// on the calling thread; it may sleep, which paces the reading.
    package func verify(
        progress: (_ doneByteCount: Int, _ totalByteCount: Int) -> Void
    ) throws(SnapshotReadError) -> VerifiedSnapshot {
        try dropCache()
        let fresh = try SnapshotReader(file, path: path)
        guard fresh.footerChecksum == footerChecksum else {
            throw SnapshotReadError(
                path: path, part: .footer, offset: fresh.byteCount - SnapshotFormat.trailerByteCount,
                defect: .disagreement(
                    .footerChecksum, stated: UInt64(footerChecksum), found: UInt64(fresh.footerChecksum)))
        }
        // The counts and lengths add up: opening held the index against the footer, and decoding
        // holds every block against the index.
        for number in 0..<fresh.blockCount {
            _ = try fresh.decodeBlock(number)
            progress(try fresh.entry(at: number).endOffset, fresh.byteCount)
        }
        progress(fresh.byteCount, fresh.byteCount)
        // Nobody reads these pages again; the log's are worth more.
        try dropCache()
        return VerifiedSnapshot(
            name: fresh.name, end: fresh.footer.end, byteCount: fresh.byteCount,
            footerChecksum: fresh.footerChecksum)
    }

    private func dropCache() throws(SnapshotReadError) {
        do throws(DiskError) {
            try file.dropCache()
        } catch {
            throw SnapshotReadError(path: path, part: .header, offset: 0, defect: .disk(error))
        }
    }
}
