import Disk
import Identifiers
import Metadata
import TransactionLog

/// What is read: a store's log directory, or one segment alone. Nothing here writes or locks.
enum LogSource {
    case directory(String)
    case segment(CatalogSegment)

    static let disk = KernelDisk(syncMode: .bufferedThenSync)
    private static let notADirectory: Int32 = 20

    /// Finds out what a path is: a `dataLogDir`, its `log`, or a file.
    init(_ argument: String) throws(DumpFailure) {
        do throws(DiskError) {
            let names = try Self.disk.names(in: argument)
            if names.contains(MetadataSlots<KernelDisk>.fileName) {
                self = .directory(argument)
            } else if names.contains("log") {
                self = .directory(argument + "/log")
            } else {
                throw DiskError(.open, argument + "/log", code: Errno.noEntry)
            }
        } catch {
            guard error.code == Self.notADirectory else { throw DumpFailure(error) }
            self = .segment(try Self.segment(argument))
        }
    }

    private static func segment(_ path: String) throws(DumpFailure) -> CatalogSegment {
        let name = path.split(separator: "/").last.flatMap { SegmentName(String($0)) }
        let found: Result<CatalogSegment, LogDefect>
        do throws(DiskError) {
            found = try LogDirectory(".", on: disk).header(path, sequence: name?.sequence, storeID: nil)
        } catch {
            throw DumpFailure(error)
        }
        switch found {
        case .success(let segment): return segment
        case .failure(let defect):
            throw DumpFailure(status: .damaged, message: "damaged (evidence e): \(defect)")
        }
    }

    /// Checks everything that may hold records after `zxid`, and hands out each intact batch.
    func scan(
        after zxid: Zxid, progress: (BatchHeader, [UInt8]) -> Void
    ) throws(DumpFailure) -> RecoveryReport {
        switch self {
        case .segment(let segment):
            return try Self.reading { () throws(DiskError) in
                try LogRecovery.scanFile(segment, on: Self.disk, progress: progress)
            }
        case .directory(let path):
            let metadata = try Self.metadata(in: path)
            return try Self.reading { () throws(DiskError) in
                try LogRecovery(path, metadata: metadata, on: Self.disk).scan(after: zxid, progress: progress)
            }
        }
    }

    /// Scans until a verdict is not due to a server that was writing, rolling or purging meanwhile: what
    /// is damaged stays so.
    func settledScan(
        after zxid: () -> Zxid, progress: (BatchHeader, [UInt8]) -> Void
    ) throws(DumpFailure) -> RecoveryReport {
        var previous: LogVerdict?
        for _ in 0..<4 {
            let report: RecoveryReport
            do {
                report = try scan(after: zxid(), progress: progress)
            } catch {
                guard error.isMissingFile else { throw error }
                continue
            }
            if report.verdict.isSafe || report.verdict == previous { return report }
            previous = report.verdict
        }
        return try scan(after: zxid(), progress: progress)
    }

    static func reading<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(DumpFailure) -> Result {
        do { return try body() } catch { throw DumpFailure(error) }
    }

    static func metadata(in path: String) throws(DumpFailure) -> StoreMetadata {
        do throws(MetadataError) {
            return try MetadataSlots.read(in: path, on: disk)
        } catch {
            throw DumpFailure(error)
        }
    }
}
