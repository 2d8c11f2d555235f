import Disk
import Snapshots
import Storage
import Synchronization

/// A snapshot on its way in: its bytes go to a temporary file in the snapshot directory, which goes with this
/// object unless it was restored; a start removes what a crash left. Used by one thread at a time; blocks.
package final class SnapshotIntake: @unchecked Sendable {
    /// Space is asked for so often.
    private static let spaceStepByteCount = 1 << 20

    let path: String
    private let disk: KernelDisk
    private let directory: String
    private let reservedByteCount: Int
    /// Nobody else may restore while this is there.
    let turn: RestoreTurn
    private var file: PacedFile<KernelFile>
    private var checkedByteCount = 0
    private let isClaimed = Atomic(false)

    /// - Parameter configuration: whose snapshot directory is to have it; made if it is not there.
    init(_ configuration: ServerConfiguration, turn: RestoreTurn) throws(RestoreError) {
        self.turn = turn
        disk = KernelDisk(syncMode: .bufferedThenSync)
        directory = StorageConfiguration.snapshotPath(in: configuration.dataDirectory)
        // A segment and the one behind it: the log must not be the one that finds no space.
        reservedByteCount = 2 * configuration.segmentByteCount
        path = SnapshotDirectory(on: disk, path: directory).pathOfReceived(.random(in: 0...Int.max))
        do throws(DiskError) {
            try disk.makeDirectory(directory)
            file = PacedFile(
                try disk.create(path, access: .buffered), byteCountPerSecond: nil, pause: { _ in })
        } catch {
            throw .disk(error)
        }
    }

    /// Bytes that were taken.
    package var byteCount: Int { file.offset }

    /// Takes the next bytes of the snapshot. After an error the rest is of no use.
    package func append(_ bytes: RawSpan) throws(RestoreError) {
        try checkSpace(for: bytes.byteCount)
        do throws(DiskError) { try file.append(bytes) } catch { throw .disk(error) }
    }

    /// True for the first who asks: a snapshot is restored once.
    func claim() -> Bool {
        isClaimed.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    }

    private func checkSpace(for byteCount: Int) throws(RestoreError) {
        guard file.offset + byteCount > checkedByteCount else { return }
        let needed = byteCount + Self.spaceStepByteCount + reservedByteCount
        let available: Int
        do throws(DiskError) {
            available = try disk.availableByteCount(at: directory)
        } catch {
            throw .disk(error)
        }
        guard available >= needed else {
            throw .spaceShort(neededByteCount: needed, availableByteCount: available)
        }
        checkedByteCount = file.offset + byteCount + Self.spaceStepByteCount
    }

    deinit {
        do throws(DiskError) {
            try disk.unlink(path)
        } catch {
            // It was installed; or it goes at the next start.
        }
    }
}
