import Disk
import Identifiers
import Jute
import Storage
import TestSupport
import TransactionLog

/// A store whose log is written and truncated while nobody serves it. Zxids are counters of epoch 1.
final class Store {
    let directory: TemporaryDirectory
    private let disk = KernelDisk(syncMode: .bufferedThenSync)
    private let configuration: StorageConfiguration

    init() throws {
        directory = try TemporaryDirectory()
        var log = LogConfiguration(random: { .random(in: 0...UInt64.max) })
        log.segmentByteCount = 64 * 1024
        configuration = StorageConfiguration(
            dataDirectory: directory.path, logDirectory: directory.path, log: log)
    }

    var logPath: String { configuration.logPath }

    /// Starts, which begins a new segment, writes each range as one batch, and stops in good order.
    ///
    /// - Parameter timeout: of the sessions that the records open, to tell records of one zxid apart.
    func append(_ batches: ClosedRange<UInt32>..., timeout: Int32) throws {
        let storage = try Storage.open(configuration, on: disk, time: 1_700_000_000_000) { _ in }
        for counters in batches {
            var records = RecordBuffer()
            for counter in counters {
                let zxid = Self.zxid(counter)
                records.append(zxid: zxid) { bytes in
                    let header = TransactionHeader(
                        sessionID: SessionID(rawValue: 0x1001), cxid: 0, zxid: zxid, time: 1_700_000_000_000,
                        type: .createSession)
                    header.encode(into: &bytes)
                    withUnsafeBytes(of: timeout.bigEndian) { bytes.append(contentsOf: $0) }
                }
            }
            _ = try storage.log.commit(records, time: 1_700_000_000_000, committed: Self.zxid(0))
        }
        try storage.log.close(time: 1_700_000_000_000, committed: Self.zxid(0))
    }

    /// Forgets all records after a counter, as a server will do that joins a leader who does not have them.
    func truncate(after counter: UInt32) throws {
        try Storage.truncate(configuration, lastKept: Self.zxid(counter), on: disk)
    }

    private static func zxid(_ counter: UInt32) -> Zxid { Zxid(epoch: Epoch(rawValue: 1), counter: counter) }
}
