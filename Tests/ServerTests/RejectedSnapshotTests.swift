import Compression
import Disk
import Identifiers
import Metadata
import Storage
import TestSupport
import Testing
import TransactionLog

@testable import Server

/// A snapshot that does not read back counts for nothing, now and at the next start.
@Suite struct RejectedSnapshotTests {
    private let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    init() throws { directory = try TemporaryDirectory() }

    private func store() throws -> Storage<KernelDisk> {
        var log = LogConfiguration(random: { .random(in: 0...UInt64.max) })
        log.segmentByteCount = 1 << 20
        let configuration = StorageConfiguration(
            dataDirectory: directory.path, logDirectory: directory.path, log: log)
        return try Storage.open(configuration, on: disk, time: 1_700_000_000_000) { _ in }
    }

    /// Flips a byte of the snapshot under its live name.
    private func damageSnapshot() throws {
        let name = try #require(try disk.names(in: directory.path + "/snap").first { $0.hasPrefix("snap-") })
        var bytes = try directory.contents(of: "snap/" + name)
        bytes[4150] ^= 1
        try directory.write(bytes, to: "snap/" + name)
    }

    /// Writes a snapshot of an empty tree, which rots before it is read back.
    private func produceRotten(in storage: Storage<KernelDisk>) throws -> SnapshotProduction.Failure {
        let production = SnapshotProduction(storage, codec: .none)
        let start = SnapshotStart(
            zxid: .zero, sessions: [UInt8](repeating: 7, count: 100), expectedByteCount: 100)
        try production.begin(start, pin: storage.log.tail.pin(after: .zero))
        let end = SnapshotEndState(
            zxid: .zero, digest: 0, nodeCount: 0, ephemeralCount: 0, sessionCount: 0, dataByteCount: 0)
        var isDamaged = false
        do throws(SnapshotProduction.Failure) {
            _ = try production.finish(end) {
                guard !isDamaged else { return }
                isDamaged = true
                do { try damageSnapshot() } catch { Issue.record(error) }
            }
        } catch {
            return error
        }
        throw NotRejected()
    }

    private struct NotRejected: Error {}

    @Test func itIsKeptUnderAnotherNameAndFurtherOnesAreRemoved() throws {
        let storage = try store()
        guard case .rejected(.content, let kept?) = try produceRotten(in: storage) else {
            Issue.record("the first one was not kept")
            return
        }
        #expect(kept.hasPrefix("bad-snap-"))
        let second = try produceRotten(in: storage)
        guard case .rejected(.content, nil) = second else {
            Issue.record("\(second)")
            return
        }
        #expect(second.description.contains("removed"))
        #expect(try directory.names().contains("snap"))
        #expect(try disk.names(in: directory.path + "/snap").sorted() == ["LOCK", kept])
        #expect(storage.log.slots.metadata.snapshots.isEmpty)
    }

    @Test func theNextStartDoesNotTryIt() throws {
        try withExtendedLifetime(try store()) { _ = try produceRotten(in: $0) }
        let report = try store().report
        #expect(report.snapshotFailures.isEmpty)
        #expect(report.snapshotPath == nil)
    }
}
