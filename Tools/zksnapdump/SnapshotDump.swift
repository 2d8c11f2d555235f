import DataTree
import Disk
import DumpOutput
import Identifiers
import Jute
import Loading
import Sessions
import Snapshots

/// Prints snapshots as the wishes say.
struct SnapshotDump {
    let disk: KernelDisk
    let wishes: Wishes
    let output: Output

    private static var notADirectory: Int32 { 20 }

    /// Prints a file, or all snapshots of a directory, newest first; goes on after a bad one.
    func print(_ argument: String) -> Outcome {
        var path = argument
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        do throws(DiskError) {
            return try printDirectory(path)
        } catch {
            if error.code == Self.notADirectory { return printFile(path) }
            output.problem(path, "cannot read: \(error)", .unreadable)
            return .unreadable
        }
    }

    private func printDirectory(_ path: String) throws(DiskError) -> Outcome {
        var directory = SnapshotDirectory(on: disk, path: path)
        var names = try disk.names(in: path)
        // A server's data directory keeps its snapshots in `snap`.
        if names.contains("snap"), !names.contains(where: Self.isSnapshot) {
            directory = SnapshotDirectory(on: disk, path: path + "/snap")
            names = try disk.names(in: directory.path)
        }
        let listed = try directory.list()
        guard !listed.isEmpty else {
            let isApache = names.contains { $0 == "version-2" || $0.hasPrefix("snapshot.") }
            let reason =
                isApache
                ? "these files are Apache ZooKeeper's own, which this program does not read"
                : "no snapshots there"
            output.problem(path, "\(directory.path): \(reason)", .unreadable)
            return .unreadable
        }
        var worst = Outcome.good
        // The server removes old snapshots while they are listed here.
        for snapshot in listed where try disk.contains(snapshot.fileName, in: directory.path) {
            worst = max(worst, printFile(directory.path + "/" + snapshot.fileName))
        }
        return worst
    }

    private static func isSnapshot(_ name: String) -> Bool { SnapshotName(fileName: name) != nil }

    /// A file of another name that does not even begin as one is no snapshot, rather than a damaged one.
    private static func isForeign(_ error: SnapshotReadError) -> Bool {
        let fileName = error.path.split(separator: "/").last.map { String($0) } ?? error.path
        return !isSnapshot(fileName) && error.part == .header
    }

    private func printFile(_ path: String) -> Outcome {
        do {
            let snapshot = try SnapshotReader(path, on: disk)
            if wishes.verify { _ = try snapshot.verify() }
            if wishes.wantsState {
                var state = try Self.state(of: snapshot)
                printSummary(snapshot, isLoaded: true)
                try printFileParts(snapshot)
                printSessions(state.sessions)
                return printNodes(of: &state.tree, path)
            }
            printSummary(snapshot, isLoaded: false)
            try printFileParts(snapshot)
            return .good
        } catch let error as SnapshotReadError where error.isDamage && Self.isForeign(error) {
            output.problem(path, "\(path) is no snapshot: \(error.defect)", .unreadable)
            return .unreadable
        } catch let error as SnapshotReadError {
            output.problem(path, "\(error)", Outcome(error))
            return Outcome(error)
        } catch {
            output.problem(path, "\(path): \(error)", .damaged)
            return .damaged
        }
    }

    // MARK: The file

    private func printSummary(_ snapshot: SnapshotReader<KernelDisk>, isLoaded: Bool) {
        let summary = SnapshotSummary(snapshot, isVerified: wishes.verify, isLoaded: isLoaded)
        output.line(summary.text, summary.object)
    }

    private func printFileParts(_ snapshot: SnapshotReader<KernelDisk>) throws {
        if wishes.blocks {
            for number in 0..<snapshot.blockCount { printBlock(try snapshot.entry(at: number), number) }
        }
        guard wishes.tail else { return }
        for number in 0..<snapshot.blockCount where try snapshot.entry(at: number).kind == .tail {
            try printTail(try snapshot.decodeBlock(number), number)
        }
    }

    private func printBlock(_ entry: BlockEntry, _ number: Int) {
        var object = JSONObject("block")
        object.add("number", number)
        object.add("contents", "\(entry.kind)")
        object.add("offset", entry.offset)
        object.add("codec", "\(entry.codec)")
        object.add("rawBytes", entry.rawByteCount)
        object.add("storedBytes", entry.storedByteCount)
        object.add("records", entry.recordCount)
        output.line(
            "block \(number)  \(entry.kind)  at \(entry.offset)  \(entry.codec)  "
                + "\(entry.rawByteCount) raw  \(entry.storedByteCount) stored  \(entry.recordCount) records",
            object)
    }

    private func printTail(_ block: SnapshotBlock, _ number: Int) throws(StateDefect) {
        try block.forEachRecord(of: number) { record throws(JuteDefect) in
            var reader = JuteReader(record)
            printRecord(try TransactionHeader(from: &reader), byteCount: record.byteCount)
        }
    }

    private func printRecord(_ header: TransactionHeader, byteCount: Int) {
        let time = CivilTime.text(header.time)
        var object = JSONObject("record")
        object.add("zxid", "\(header.zxid)")
        object.add("type", "\(header.type)")
        object.add("session", "\(header.sessionID)")
        object.add("cxid", Int(header.cxid))
        object.add("time", time)
        object.add("bytes", byteCount)
        output.line(
            "record \(header.zxid)  \(header.type)  session \(header.sessionID)  cxid \(header.cxid)  "
                + "\(time)  \(byteCount) bytes", object)
    }

    // MARK: The state

    /// What a snapshot makes: loaded as the server does it, and then held against the whole footer.
    private static func state(of snapshot: SnapshotReader<KernelDisk>) throws -> LoadedState {
        var rules = TreeRules()
        rules.skipsAccessChecks = true
        var loader = StateLoader(hashSeed: .random(in: 0...UInt64.max), rules: rules)
        try loader.load(snapshot) { numbers, body in
            for number in numbers { try body(number, try snapshot.decodeBlock(number)) }
        }
        let state = loader.finish()
        let totals = snapshot.footer.end.totals
        // Whether the server that wrote it took the owner of a time to live for a session (without
        // `extendedTypesEnabled` it does) the snapshot does not say.
        if totals.ephemeralCount != state.tree.unmistakableEphemeralCount {
            try StateDefect.compare(
                "ephemeral nodes", stated: totals.ephemeralCount, found: state.tree.ephemeralCount)
        }
        try StateDefect.compare(
            "bytes of paths and data", stated: totals.dataByteCount, found: state.tree.dataByteCount)
        return state
    }

    private func printSessions(_ sessions: [SessionTimeout]) {
        guard wishes.sessions else { return }
        for session in sessions {
            var object = JSONObject("session")
            object.add("id", "\(session.id)")
            object.add("timeoutMilliseconds", Int(session.timeoutMilliseconds))
            output.line("session \(session.id)  timeout \(session.timeoutMilliseconds) ms", object)
        }
    }

    private func printNodes(of tree: inout DataTree, _ path: String) -> Outcome {
        guard wishes.wantsTree else { return .good }
        let start = wishes.path ?? "/"
        var walk = NodeWalk(from: Array(start.utf8))
        do throws(ErrorCode) {
            while let node = try walk.next(in: &tree) {
                let listing = NodeListing(node, showsData: wishes.data)
                output.line(listing.text, listing.object)
            }
            return .good
        } catch {
            output.problem(path, "\(path): there is no node \(start)", .noNode)
            return .noNode
        }
    }
}
