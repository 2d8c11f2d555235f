import ByteCoding
import Compression
import Disk
import Glibc
import Identifiers
import Loading
import Metadata
import Snapshots
import Storage
import Synchronization
import TransactionLog

/// A snapshot that counts from now on.
struct FinishedSnapshot: Sendable {
    /// When its last check ended, nanoseconds of the monotonic clock. Purging, which is paced, comes after.
    var verifiedAt: Int64
    /// Keeps its file for those who asked for it.
    var held: HeldSnapshot
    /// The beginning of a line for the log.
    var summary: String
}

/// Makes one snapshot at a time: image slices, then the records written meanwhile, then the proof.
///
/// Used by the housekeeping thread. After a failure the rest of that snapshot's pieces is passed over.
final class SnapshotProduction {
    /// Why there is no snapshot; nothing of it is left on the disk.
    enum Failure: Error, CustomStringConvertible {
        case writing(SnapshotWriteError)
        case disk(DiskError)
        case log(LogError)
        /// The server stops.
        case cancelled
        /// The log did not hold the tail up to the zxid at which the walk ended.
        case tailIncomplete(reached: Zxid, wanted: Zxid)
        case content(StateDefect)
        /// It was written and failed its verification; the name under which it is kept, if it is.
        indirect case rejected(Failure, keptAs: String?)
        case registration(StorageError)

        var description: String {
            switch self {
            case .writing(let error): "\(error)"
            case .disk(let error): "\(error)"
            case .log(let error): "the tail cannot be read: \(error)"
            case .cancelled: "the server stops"
            case .tailIncomplete(let reached, let wanted): "the tail ends at \(reached), not at \(wanted)"
            case .content(let error): "the snapshot just written does not lead back to the tree: \(error)"
            case .rejected(let failure, let name):
                "\(failure); it is \(name.map { "kept as \($0)" } ?? "removed"), the log stays whole"
            case .registration(let error): "\(error)"
            }
        }
    }

    /// Writing faster makes log syncs wait.
    private static let byteCountPerSecond = 200 << 20

    /// Set by another thread when the server stops.
    let isCancelled = Atomic(false)
    private let storage: StorageView
    private let codec: Codec
    private var writer: SnapshotWriter<KernelDisk>?
    private var pin: LogPin?
    private var startZxid = Zxid.zero

    /// What of the storage this thread may use.
    private struct StorageView {
        let disk: KernelDisk
        let directory: SnapshotDirectory<KernelDisk>
        let retention: SnapshotRetention<KernelDisk>
        let tail: LogTail
        let storeID: UInt128
        let segmentByteCount: Int
    }

    init(_ storage: Storage<KernelDisk>, codec: Codec) {
        self.storage = StorageView(
            disk: storage.disk, directory: storage.snapshots, retention: storage.retention,
            tail: storage.log.tail, storeID: storage.log.slots.metadata.storeID,
            segmentByteCount: storage.log.supply.segmentByteCount)
        self.codec = codec
    }

    func begin(_ start: SnapshotStart, pin: LogPin) throws(Failure) {
        abort()
        self.pin = pin
        startZxid = start.zxid
        let generation: UInt32
        do throws(DiskError) { generation = try storage.directory.nextGeneration() } catch {
            throw .disk(error)
        }
        let header = SnapshotHeader(
            storeID: storage.storeID, nonce: .random(in: 0...UInt128.max), startZxid: start.zxid,
            generation: generation, creationTime: Clock.wallMilliseconds(), codec: codec)
        let pacing = SnapshotPacing(
            byteCountPerSecond: Self.byteCountPerSecond, expectedByteCount: start.expectedByteCount,
            reservedByteCount: storage.segmentByteCount,
            pause: { [pace = WritePace(now: Clock.monotonicNanoseconds())] in pace.pay($0) })
        do throws(SnapshotWriteError) {
            writer = try SnapshotWriter(
                on: storage.disk, directory: storage.directory.path, header: header, pacing: pacing)
            try writer?.append(.sessions, recordCount: 1, bytes: start.sessions.span)
            try writer?.endBlock()
        } catch {
            throw failed(.writing(error))
        }
    }

    /// Adds a slice of the image; it stays a block of its own, because it is loaded as a whole.
    func append(_ slice: [UInt8]) throws(Failure) {
        guard writer != nil else { return }
        do throws(SnapshotWriteError) {
            try writer?.append(.nodes, recordCount: 1, bytes: slice.span)
            try writer?.endBlock()
        } catch {
            throw failed(.writing(error))
        }
    }

    /// Adds the tail, makes the file durable, reads it back, registers it, purges what it makes superfluous.
    ///
    /// Nil if there is nothing to finish. `betweenPieces` is called now and then for urgent other work.
    func finish(_ end: SnapshotEndState, betweenPieces: () -> Void) throws(Failure) -> FinishedSnapshot? {
        guard writer != nil else { return nil }
        let tailRecordCount = try appendTail(upTo: end.zxid)
        guard let writer = writer.take() else { return nil }
        defer { pin = nil }
        let written: WrittenSnapshot
        do throws(SnapshotWriteError) {
            written = try writer.finish(
                SnapshotEnd(
                    zxid: end.zxid, epoch: end.zxid.epoch, digestVersion: 2, digest: end.digest,
                    totals: SnapshotTotals(
                        nodeCount: end.nodeCount, ephemeralCount: end.ephemeralCount,
                        sessionCount: end.sessionCount, dataByteCount: end.dataByteCount,
                        tailRecordCount: tailRecordCount)))
        } catch {
            throw .writing(error)
        }
        betweenPieces()
        let verified: VerifiedSnapshot
        do throws(Failure) {
            verified = try verify(written.name, betweenPieces)
        } catch {
            throw rejected(written.name, error)
        }
        let verifiedAt = Clock.monotonicNanoseconds()
        let held = HeldSnapshot(
            written.name, path: storage.directory.path + "/" + written.name.fileName, zxid: end.zxid,
            holds: storage.retention.holds)
        do throws(StorageError) {
            let purged = try storage.retention.register(verified) { nanoseconds in
                NamedThread.sleep(nanoseconds: nanoseconds)
                betweenPieces()
            }
            return FinishedSnapshot(
                verifiedAt: verifiedAt, held: held,
                summary: "snapshot \(written.name) written and verified: \(written.byteCount) bytes, "
                    + "\(end.nodeCount) nodes, zxid \(startZxid) to \(end.zxid); purged "
                    + "\(purged.snapshotNames.count) snapshots, \(purged.segmentCount) log segments;")
        } catch {
            throw .registration(error)
        }
    }

    /// Reads the snapshot back, past the page cache: every checksum, every count, and the tree's digest.
    private func verify(_ name: SnapshotName, _ betweenPieces: () -> Void) throws(Failure) -> VerifiedSnapshot
    {
        let reader: SnapshotReader<KernelDisk>
        do throws(SnapshotReadError) { reader = try storage.directory.open(name.fileName) } catch {
            throw .content(.unreadable(error))
        }
        do throws(StateDefect) {
            return try SnapshotDigest.verify(reader, betweenPieces: betweenPieces)
        } catch {
            throw .content(error)
        }
    }

    /// Takes the live name from a snapshot that is not what it should be.
    private func rejected(_ name: SnapshotName, _ failure: Failure) -> Failure {
        do throws(DiskError) {
            return .rejected(failure, keptAs: try storage.directory.reject(name.fileName))
        } catch {
            // The failure that came first is reported; the next start sets the file aside.
            return failure
        }
    }

    /// Gives up what was begun.
    func abort() {
        pin = nil
        guard let writer = writer.take() else { return }
        do throws(SnapshotWriteError) {
            try writer.abort()
        } catch {
            // The temporary file is removed at the next start.
        }
    }

    private func failed(_ failure: Failure) -> Failure {
        // The writer has removed its file already.
        writer = nil
        pin = nil
        return failure
    }

    /// Adds the records from the image's beginning to its end, which are committed by now.
    private func appendTail(upTo end: Zxid) throws(Failure) -> Int {
        let cursor = LogCursor(after: startZxid, mode: .durable, tail: storage.tail, on: storage.disk)
        var count = 0
        var piece: [UInt8] = []
        var pieceRecordCount = 0
        while cursor.position < end {
            if isCancelled.load(ordering: .relaxed) { throw abandon(.cancelled) }
            let slice: LogCursor<KernelDisk>.Slice?
            do throws(LogError) { slice = try cursor.next() } catch { throw abandon(.log(error)) }
            guard let slice else { break }
            slice.forEachRecord { zxid, record in
                guard zxid <= end else { return }
                TailReader.encode(record: record, into: &piece)
                pieceRecordCount += 1
            }
            do throws(SnapshotWriteError) {
                if !piece.isEmpty {
                    try writer?.append(.tail, recordCount: pieceRecordCount, bytes: piece.span)
                }
            } catch {
                throw failed(.writing(error))
            }
            count += pieceRecordCount
            piece.removeAll(keepingCapacity: true)
            pieceRecordCount = 0
        }
        guard cursor.position >= end else {
            throw abandon(.tailIncomplete(reached: cursor.position, wanted: end))
        }
        return count
    }

    private func abandon(_ failure: Failure) -> Failure {
        abort()
        return failure
    }
}
