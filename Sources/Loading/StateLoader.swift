import DataTree
import Disk
import Identifiers
import Jute
import Sessions
import Snapshots

/// Builds the state that a server begins with: a snapshot's image, its tail, and the log behind it.
package struct StateLoader: ~Copyable {
    private let hashSeed: UInt64
    private let rules: TreeRules
    private var tree: DataTree
    private var timeouts: [Int64: Int32] = [:]
    private var reply: [UInt8] = []
    private var events: [WatchEvent] = []
    /// Records of the log that were applied.
    package private(set) var replayedRecordCount = 0
    /// Records of the log after which the tree was not what they say, and the first of them.
    package private(set) var digestMismatchCount: UInt64 = 0
    package private(set) var firstDigestMismatch: Zxid?

    /// - Parameter hashSeed: random; see `DataTree`.
    package init(hashSeed: UInt64, rules: TreeRules) {
        self.hashSeed = hashSeed
        self.rules = rules
        tree = DataTree(hashSeed: hashSeed, rules: rules)
    }

    /// The zxid of the state so far.
    package var zxid: Zxid { tree.lastAppliedZxid }
    package var nodeCount: Int { tree.nodeCount }

    package consuming func finish() -> LoadedState {
        let sessions = timeouts.keys.sorted().compactMap { id in
            timeouts[id].map { SessionTimeout(id: SessionID(rawValue: id), timeoutMilliseconds: $0) }
        }
        return LoadedState(tree: tree, sessions: sessions, digestMismatchCount: digestMismatchCount)
    }

    // MARK: Snapshots

    /// Loads a snapshot into a fresh state.
    ///
    /// Throws `StateDefect` if it is not exactly what its footer says, and what `forEachBlock` throws.
    ///
    /// - Parameter forEachBlock: decodes the blocks of these numbers and hands each to its second argument,
    ///   one at a time, in any order.
    package mutating func load<D: Disk>(
        _ snapshot: SnapshotReader<D>,
        forEachBlock: (
            _ numbers: [Int], _ body: (_ number: Int, _ block: SnapshotBlock) throws -> Void
        ) throws -> Void
    ) throws {
        tree = DataTree(hashSeed: hashSeed, rules: rules)
        timeouts = [:]
        var image: [Int] = []
        var tail: [Int] = []
        for number in 0..<snapshot.blockCount {
            let isTail = try snapshot.entry(at: number).kind == .tail
            if isTail { tail.append(number) } else { image.append(number) }
        }
        try forEachBlock(image) { number, block in try add(block, number) }
        for number in tail { try replay(try snapshot.decodeBlock(number), number) }
        try finish(
            snapshot.footer.end, reached: tail.isEmpty ? snapshot.header.startZxid : tree.lastAppliedZxid)
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
                for line in try Sessions.decodeTable(block.bytes.span.bytes) {
                    timeouts[line.id.rawValue] = line.timeoutMilliseconds
                }
            } catch {
                throw .sessions(block: number)
            }
        case .tail, .configuration: break
        }
    }

    private mutating func replay(_ block: SnapshotBlock, _ number: Int) throws(StateDefect) {
        try block.forEachRecord(of: number) { record throws(JuteDefect) in
            _ = try apply(record, mode: .replay)
        }
    }

    private mutating func finish(_ end: SnapshotEnd, reached: Zxid) throws(StateDefect) {
        try StateDefect.compare("end zxid", stated: end.zxid, found: reached)
        do throws(ImageDefect) { try tree.finishLoading(at: end.zxid) } catch { throw .image(error) }
        try StateDefect.compare("nodes", stated: end.totals.nodeCount, found: tree.nodeCount)
        try StateDefect.compare("tree digest", stated: end.digest, found: tree.digest)
        try StateDefect.compare("sessions", stated: end.totals.sessionCount, found: timeouts.count)
    }

    // MARK: The log

    /// Applies the next record of the log behind the state.
    package mutating func replay(_ record: RawSpan) throws(StateDefect) {
        let applied: Applied
        do throws(JuteDefect) {
            applied = try apply(record, mode: .live)
        } catch {
            throw .logRecord(after: tree.lastAppliedZxid, error)
        }
        replayedRecordCount += 1
        if applied.isDigestMismatch {
            digestMismatchCount += 1
            if firstDigestMismatch == nil { firstDigestMismatch = applied.header.zxid }
        }
    }

    private mutating func apply(_ record: RawSpan, mode: ApplyMode) throws(JuteDefect) -> Applied {
        let applied = try tree.apply(record, mode: mode, wantsReply: false, reply: &reply, events: &events)
        switch applied.sessionChange {
        case .none: break
        case .opened(let timeout): timeouts[applied.header.sessionID.rawValue] = timeout
        case .closed: timeouts[applied.header.sessionID.rawValue] = nil
        }
        return applied
    }
}
