import DataTree
import Disk
import Identifiers
import Loading
import Snapshots
import Storage

/// A snapshot that was found whole, on its way to the thread that owns the server's parts.
struct RestoreOrder: Sendable {
    let snapshot: ReceivedSnapshot<KernelDisk>
    /// Keeps the file, and the turn, until the order is carried out.
    let intake: SnapshotIntake
    /// When it was asked for, nanoseconds of the monotonic clock.
    let begunAt: Int64
    let answer: @Sendable (Result<Zxid, RestoreError>) -> Void
}

extension ReceivedSnapshot<KernelDisk> {
    /// Reads all of a received snapshot and loads it as a start does, into a tree that is let go of again.
    ///
    /// - Parameter isCancelled: asked now and then.
    init(
        _ intake: SnapshotIntake, for configuration: ServerConfiguration, isCancelled: () -> Bool
    ) throws(RestoreError) {
        do throws(ReceivedSnapshotDefect) {
            try self.init(checking: intake.path, on: KernelDisk(syncMode: .bufferedThenSync)) { reader in
                var loader = StateLoader(
                    hashSeed: .random(in: 0...UInt64.max), rules: OpenedState.rules(configuration))
                try loader.load(reader) { numbers, body in
                    try BlockDecoding(reader).forEachBlock(numbers) { number, block in
                        if isCancelled() { throw RestoreError.stopping }
                        try body(number, block)
                    }
                }
            }
        } catch {
            throw isCancelled() ? .stopping : .refused(error)
        }
    }
}
