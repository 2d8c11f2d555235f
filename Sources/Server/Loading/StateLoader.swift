import DataTree
import Disk
import Identifiers
import Jute
import Sessions
import Snapshots
import TransactionLog

/// Builds the state that a server begins with: an image, its tail, and the log behind it.
struct StateLoader: ~Copyable {
    /// A snapshot whose parts are whole but do not make the state that its footer describes.
    enum Mismatch: Error, CustomStringConvertible {
        case image(block: Int, ImageDefect)
        case sessions(block: Int)
        case tail(block: Int, TailDefect)
        case record(Zxid, JuteDefect)
        case end(reached: Zxid, stated: Zxid)
        case digest(found: UInt64, stated: UInt64)
        case nodeCount(found: Int, stated: Int)
        case incomplete(ImageDefect)
        case sessionCount(found: Int, stated: Int)

        var description: String {
            switch self {
            case .image(let block, let defect): "block \(block) is no part of an image: \(defect)"
            case .sessions(let block): "block \(block) is no session table"
            case .tail(let block, let defect): "the tail in block \(block) does not read: \(defect)"
            case .record(let zxid, let defect): "the record after \(zxid) does not read: \(defect)"
            case .end(let reached, let stated): "it ends at \(reached), not at \(stated)"
            case .digest(let found, let stated): "its digest is \(found), not \(stated)"
            case .nodeCount(let found, let stated): "it has \(found) nodes, not \(stated)"
            case .incomplete(let defect): "the image is not complete: \(defect)"
            case .sessionCount(let found, let stated): "it has \(found) sessions, not \(stated)"
            }
        }
    }

    private let hashSeed: UInt64
    private let rules: TreeRules
    private var tree: DataTree
    private var timeouts: [Int64: Int32] = [:]
    private var reply: [UInt8] = []
    private var events: [WatchEvent] = []
    private(set) var replayedRecordCount = 0
    /// Records of the log after which the tree was not what they say, and the first of them.
    private(set) var digestMismatchCount: UInt64 = 0
    private(set) var firstDigestMismatch: Zxid?

    init(hashSeed: UInt64, rules: TreeRules) {
        self.hashSeed = hashSeed
        self.rules = rules
        tree = DataTree(hashSeed: hashSeed, rules: rules)
    }

    /// The zxid of the state so far.
    var zxid: Zxid { tree.lastAppliedZxid }
    var nodeCount: Int { tree.nodeCount }

    /// The state, sessions by rising identifier.
    consuming func finish() -> LoadedState {
        let sessions = timeouts.keys.sorted().compactMap { id in
            timeouts[id].map { SessionTimeout(id: SessionID(rawValue: id), timeoutMilliseconds: $0) }
        }
        return LoadedState(tree: tree, sessions: sessions, digestMismatchCount: digestMismatchCount)
    }

    // MARK: Snapshots

    /// Loads a snapshot into a fresh state; throws if it is not exactly what its footer says.
    mutating func load(_ snapshot: SnapshotReader<KernelDisk>) throws {
        tree = DataTree(hashSeed: hashSeed, rules: rules)
        timeouts = [:]
        replayedRecordCount = 0
        var tailBlocks: [Int] = []
        for number in 0..<snapshot.blockCount where try snapshot.entry(at: number).kind == .tail {
            tailBlocks.append(number)
        }
        let others = (0..<snapshot.blockCount).filter { !tailBlocks.contains($0) }
        try BlockDecoding(snapshot).forEachBlock(others) { number, block in
            switch block.kind {
            case .nodes: try addSlice(block, number)
            case .sessions: try addSessions(block, number)
            case .tail, .configuration: break
            }
        }
        for number in tailBlocks { try replayTail(try snapshot.decodeBlock(number), number) }
        let reached = tailBlocks.isEmpty ? snapshot.header.startZxid : tree.lastAppliedZxid
        try finish(snapshot.footer.end, reached: reached)
        replayedRecordCount = 0
    }

    private mutating func addSlice(_ block: SnapshotBlock, _ number: Int) throws(Mismatch) {
        do throws(ImageDefect) {
            try tree.loadImageSlice(block.bytes.span.bytes)
        } catch {
            throw .image(block: number, error)
        }
    }

    private mutating func addSessions(_ block: SnapshotBlock, _ number: Int) throws(Mismatch) {
        do throws(SessionTableDefect) {
            for line in try Sessions.decodeTable(block.bytes.span.bytes) {
                timeouts[line.id.rawValue] = line.timeoutMilliseconds
            }
        } catch {
            throw .sessions(block: number)
        }
    }

    private mutating func replayTail(_ block: SnapshotBlock, _ number: Int) throws(Mismatch) {
        var records = TailReader(block.bytes.span.bytes)
        while true {
            let record: RawSpan?
            do throws(TailDefect) { record = try records.next() } catch { throw .tail(block: number, error) }
            guard let record else { return }
            try apply(record, mode: .replay)
        }
    }

    private mutating func finish(_ end: SnapshotEnd, reached: Zxid) throws(Mismatch) {
        guard reached == end.zxid else { throw .end(reached: reached, stated: end.zxid) }
        do throws(ImageDefect) { try tree.finishLoading(at: end.zxid) } catch { throw .incomplete(error) }
        guard tree.nodeCount == end.totals.nodeCount else {
            throw .nodeCount(found: tree.nodeCount, stated: end.totals.nodeCount)
        }
        guard tree.digest == end.digest else { throw .digest(found: tree.digest, stated: end.digest) }
        guard timeouts.count == end.totals.sessionCount else {
            throw .sessionCount(found: timeouts.count, stated: end.totals.sessionCount)
        }
    }

    // MARK: The log

    /// Applies everything that the log has behind the state.
    mutating func replay(_ cursor: LogCursor<KernelDisk>) throws {
        while let slice = try cursor.next() {
            try slice.forEachRecord { (_, record) throws(Mismatch) in try apply(record, mode: .live) }
        }
    }

    private mutating func apply(_ record: RawSpan, mode: ApplyMode) throws(Mismatch) {
        let applied: Applied
        do throws(JuteDefect) {
            applied = try tree.apply(record, mode: mode, wantsReply: false, reply: &reply, events: &events)
        } catch {
            throw .record(tree.lastAppliedZxid, error)
        }
        replayedRecordCount += 1
        if applied.isDigestMismatch {
            digestMismatchCount += 1
            if firstDigestMismatch == nil { firstDigestMismatch = applied.header.zxid }
        }
        switch applied.sessionChange {
        case .none: break
        case .opened(let timeout): timeouts[applied.header.sessionID.rawValue] = timeout
        case .closed: timeouts[applied.header.sessionID.rawValue] = nil
        }
    }
}
