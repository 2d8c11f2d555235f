import DataTree
import Disk
import Identifiers
import Jute
import Sessions
import Snapshots

/// A snapshot's blocks are whole, and do not make the state that its footer describes.
enum StateDefect: Error, CustomStringConvertible {
    case slice(block: Int, ImageDefect)
    case image(ImageDefect)
    case sessions(block: Int)
    case tail(block: Int, TailDefect)
    case record(after: Zxid, JuteDefect)
    case disagreement(String, stated: String, found: String)

    var description: String {
        switch self {
        case .slice(let block, let defect): "block \(block) is no slice of an image: \(defect)"
        case .image(let defect): "the blocks are no whole tree: \(defect)"
        case .sessions(let block): "block \(block) is no session table"
        case .tail(let block, let defect): "block \(block): \(defect)"
        case .record(let zxid, let defect): "the tail record after \(zxid) does not read: \(defect)"
        case .disagreement(let what, let stated, let found):
            "\(what): the footer says \(stated), the contents come to \(found)"
        }
    }
}

/// The tree and sessions that a snapshot makes.
struct SnapshotState: ~Copyable {
    private var tree: DataTree
    /// Timeouts in milliseconds.
    private(set) var sessions: [Int64: Int32] = [:]

    /// Loads the image, replays the tail, and compares the result with the footer.
    ///
    /// Throws `SnapshotReadError` or `StateDefect`.
    init<D: Disk>(of snapshot: SnapshotReader<D>) throws {
        var rules = TreeRules()
        rules.skipsAccessChecks = true
        tree = DataTree(hashSeed: .random(in: 0...UInt64.max), rules: rules)
        var tailBlocks: [Int] = []
        for number in 0..<snapshot.blockCount {
            if try snapshot.entry(at: number).kind == .tail {
                tailBlocks.append(number)
            } else {
                try add(try snapshot.decodeBlock(number), number)
            }
        }
        for number in tailBlocks { try replay(try snapshot.decodeBlock(number), number) }
        // The tail's last record is the state's; without a tail the state is the image's.
        let isTailEmpty = snapshot.footer.blocks.tailRecordCount == 0
        let zxid = isTailEmpty ? snapshot.header.startZxid : tree.lastAppliedZxid
        do throws(ImageDefect) {
            try tree.finishLoading(at: zxid)
        } catch {
            throw StateDefect.image(error)
        }
        try check(snapshot.footer.end)
    }

    /// The next node of a walk through the tree.
    mutating func nextNode(of walk: inout NodeWalk) throws(ErrorCode) -> ListedNode? {
        try walk.next(in: &tree)
    }

    private mutating func add(_ block: SnapshotBlock, _ number: Int) throws(StateDefect) {
        switch block.kind {
        case .nodes:
            do throws(ImageDefect) {
                try tree.loadImageSlice(block.bytes.span.bytes)
            } catch {
                throw .slice(block: number, error)
            }
        case .sessions:
            do throws(SessionTableDefect) {
                for session in try Sessions.decodeTable(block.bytes.span.bytes) {
                    sessions[session.id.rawValue] = session.timeoutMilliseconds
                }
            } catch {
                throw .sessions(block: number)
            }
        case .tail, .configuration: break
        }
    }

    private mutating func replay(_ block: SnapshotBlock, _ number: Int) throws(StateDefect) {
        var records = TailReader(block.bytes.span.bytes)
        while true {
            let record: RawSpan?
            do throws(TailDefect) { record = try records.next() } catch { throw .tail(block: number, error) }
            guard let record else { return }
            try apply(record)
        }
    }

    private mutating func apply(_ record: RawSpan) throws(StateDefect) {
        var reply: [UInt8] = []
        var events: [WatchEvent] = []
        let applied: Applied
        do throws(JuteDefect) {
            applied = try tree.apply(
                record, mode: .replay, wantsReply: false, reply: &reply, events: &events)
        } catch {
            throw .record(after: tree.lastAppliedZxid, error)
        }
        switch applied.sessionChange {
        case .none: break
        case .opened(let timeout): sessions[applied.header.sessionID.rawValue] = timeout
        case .closed: sessions[applied.header.sessionID.rawValue] = nil
        }
    }

    private func check(_ end: SnapshotEnd) throws(StateDefect) {
        func compare<T: Equatable>(_ what: String, _ stated: T, _ found: T) throws(StateDefect) {
            guard stated == found else {
                throw .disagreement(what, stated: "\(stated)", found: "\(found)")
            }
        }
        try compare("end zxid", end.zxid, tree.lastAppliedZxid)
        try compare("nodes", end.totals.nodeCount, tree.nodeCount)
        try compare("ephemeral nodes", end.totals.ephemeralCount, tree.ephemeralCount)
        try compare("sessions", end.totals.sessionCount, sessions.count)
        try compare("bytes of paths and data", end.totals.dataByteCount, tree.dataByteCount)
        guard end.digestVersion == UInt32(TransactionDigest.currentVersion) else { return }
        try compare("tree digest", end.digest, tree.digest)
    }
}
