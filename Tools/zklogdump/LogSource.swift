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
        var path = argument
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let names: [String]
        do throws(DiskError) {
            names = try Self.disk.names(in: path)
        } catch {
            guard error.code == Self.notADirectory else { throw DumpFailure(error) }
            self = .segment(try Self.segment(path))
            return
        }
        let slots = MetadataSlots<KernelDisk>.fileName
        if names.contains(slots) {
            self = .directory(path)
        } else if names.contains("log") {
            let below = try Self.reading { () throws(DiskError) in try Self.disk.names(in: path + "/log") }
            guard below.contains(slots) else { throw .noLog(path + "/log", below) }
            self = .directory(path + "/log")
        } else {
            throw .noLog(path, names)
        }
    }

    private static func segment(_ path: String) throws(DumpFailure) -> CatalogSegment {
        let fileName = path.split(separator: "/").last.map { String($0) } ?? path
        let name = SegmentName(fileName)
        let found: Result<CatalogSegment, LogDefect>
        do throws(DiskError) {
            found = try LogDirectory(".", on: disk).header(path, sequence: name?.sequence, storeID: nil)
        } catch {
            throw DumpFailure(error)
        }
        switch found {
        case .success(let segment): return segment
        case .failure(let defect):
            switch name {
            case .live, .setAside:
                throw DumpFailure(status: .damaged, message: "damaged (evidence e): \(defect)")
            case .prepared: throw .unreadable("\(path) is prepared for later and holds no log yet")
            case nil: throw .noSegment(path, fileName)
            }
        }
    }

    /// Checks everything that may hold records after `zxid`, and hands out each intact batch.
    private func scan(
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

    private static let scanCountMax = 100

    /// Scans until the verdict is not due to a server that was writing, rolling or purging meanwhile:
    /// what is torn or damaged stays so, at the same place.
    ///
    /// Hands out each intact batch once, in order, however often parts are read again.
    func settledScan(
        after zxid: Zxid, progress: (BatchHeader, [UInt8]) -> Void
    ) throws(DumpFailure) -> RecoveryReport {
        var start = zxid
        var nextOrdinal: UInt64 = 0
        var previous: LogVerdict?
        var previousHarmless: [LogDefect] = []
        for _ in 0..<Self.scanCountMax {
            let report: RecoveryReport
            do {
                report = try scan(after: start) { header, payload in
                    guard header.ordinal >= nextOrdinal else { return }
                    nextOrdinal = header.ordinal + 1
                    start = header.lastZxid
                    progress(header, payload)
                }
            } catch {
                guard error.isMissingFile else { throw error }
                continue
            }
            let harmless = report.harmlessDefects
            let isClean = report.verdict == .clean && harmless.isEmpty
            if isClean || report.verdict == previous && harmless == previousHarmless { return report }
            previous = report.verdict
            previousHarmless = harmless
            // Damage that costs no record may stand anywhere: it is looked for again from the beginning.
            if !harmless.isEmpty { start = zxid }
        }
        throw .unreadable("the log changes faster than it can be read")
    }

    static func reading<Result>(
        _ body: () throws(DiskError) -> Result
    ) throws(DumpFailure) -> Result {
        do { return try body() } catch { throw DumpFailure(error) }
    }

    static func metadata(in path: String) throws(DumpFailure) -> StoreMetadata {
        try slots(in: path).metadata
    }

    /// The metadata, and which slots hold a damaged copy whose partner is whole.
    static func slots(
        in path: String
    ) throws(DumpFailure) -> (metadata: StoreMetadata, damagedSlots: [Int]) {
        do throws(MetadataError) {
            do throws(MetadataError) {
                return try MetadataSlots.inspect(in: path, on: disk)
            } catch .damaged {
                // Slots that were being written while they were read are whole a moment later.
                return try MetadataSlots.inspect(in: path, on: disk)
            }
        } catch {
            throw DumpFailure(error)
        }
    }
}
