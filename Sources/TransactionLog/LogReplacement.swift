import Disk
import Identifiers
import Metadata

/// Beginning the log anew behind an installed snapshot: whatever stands in it is not read, so that a damaged
/// log can be replaced, too. The slots decide; then the old segments are set aside, which is redone at start.
package struct LogReplacement<D: Disk> {
    private let directory: LogDirectory<D>
    private let disk: D

    package init(_ directory: String, on disk: D) {
        self.directory = LogDirectory(directory, on: disk)
        self.disk = disk
    }

    /// Where a log begins that goes on after `zxid`: behind every segment that this store ever had.
    package func base(after zxid: Zxid, _ metadata: StoreMetadata) throws(LogError) -> LogPosition {
        let highest: UInt64
        do throws(DiskError) { highest = try directory.files().map(\.sequence).max() ?? 0 } catch {
            throw .disk(error)
        }
        let known = metadata.watermark
        return LogPosition(
            segment: max(
                highest, metadata.newestSegment, known.segment, metadata.truncation?.successor ?? 0),
            byteOffset: 0, ordinal: known.ordinal, lastZxid: zxid, chain: known.chain)
    }

    /// Takes the live names from the segments below the first needed one; durable on return.
    ///
    /// A later purge removes them, or the opening after the next installation.
    package func setAside(_ metadata: StoreMetadata) throws(LogError) {
        let successor = metadata.firstNeededSegment
        do throws(DiskError) {
            for name in try directory.files() {
                guard case .live(let sequence, _) = name, sequence < successor else { continue }
                let aside = SegmentName.setAside(sequence: sequence, successor: successor)
                try disk.rename(directory.path(name), to: directory.path(aside))
            }
            try disk.syncDirectory(directory.directory, for: .replacedSegmentsSynced)
        } catch {
            throw .disk(error)
        }
    }
}

extension StoreMetadata {
    /// Lets the log be empty and begin at `base`; no segment before it is looked for.
    package mutating func beginLog(at base: LogPosition) {
        truncation = nil
        firstNeededSegment = base.segment + 1
        newestSegment = 0
        watermark = base
        isCleanStop = false
    }
}
