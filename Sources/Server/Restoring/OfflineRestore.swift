import Disk
import Identifiers
import Snapshots
import Storage

/// Restoring a snapshot into a store on which no server runs (`zkserver --restore`).
package enum OfflineRestore {
    private static let pieceByteCount = 1 << 20

    /// Copies the file into the store that the settings name, which is created if there is none, checks it
    /// whole, and makes it the store's only history. The next start serves it.
    ///
    /// Returns the zxid of the state. Throws with nothing changed but for directories that were missing.
    package static func run(
        _ path: String, _ configuration: ServerConfiguration
    ) throws(RestoreError) -> Zxid {
        let intake = try SnapshotIntake(configuration, turn: RestoreDesk().takeTurn())
        try copy(path, into: intake)
        let snapshot = try ReceivedSnapshot(intake, for: configuration, isCancelled: { false })
        do throws(StorageError) {
            try Storage.install(
                snapshot, in: OpenedState.storageConfiguration(configuration), beginsEpoch: true,
                on: KernelDisk(syncMode: .bufferedThenSync))
        } catch {
            throw .storage(error)
        }
        withExtendedLifetime(intake) {}
        return snapshot.end.zxid
    }

    private static func copy(_ path: String, into intake: SnapshotIntake) throws(RestoreError) {
        let buffer = AlignedBuffer(byteCount: pieceByteCount)
        let file: KernelFile
        do throws(DiskError) {
            file = try KernelDisk(syncMode: .bufferedThenSync).open(path, access: .read)
        } catch {
            throw .disk(error)
        }
        while true {
            let count: Int
            do throws(DiskError) {
                count = try file.read(into: buffer.bytes, at: intake.byteCount)
            } catch {
                throw .disk(error)
            }
            guard count > 0 else { return }
            let piece = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
            try intake.append(piece.bytes)
        }
    }
}
