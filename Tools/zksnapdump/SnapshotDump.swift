import DataTree
import Disk
import Identifiers
import Jute
import Snapshots

/// Prints snapshots as the wishes say.
struct SnapshotDump {
    let disk: KernelDisk
    let wishes: Wishes
    let output: Output

    /// Prints a file, or all snapshots of a directory, newest first; goes on after a bad one.
    func print(_ path: String) -> Outcome {
        do throws(DiskError) {
            var directory = SnapshotDirectory(on: disk, path: path)
            // A server's data directory keeps its snapshots in `snap`.
            if try directory.list().isEmpty, try disk.contains("snap", in: path) {
                directory = SnapshotDirectory(on: disk, path: path + "/snap")
            }
            let listed = try directory.list()
            if listed.isEmpty { output.problem(path, "\(path): no snapshots there", .unreadable) }
            return listed.reduce(listed.isEmpty ? .unreadable : .good) {
                max($0, printFile(directory.path + "/" + $1.fileName))
            }
        } catch {
            // Not a directory; as a file it either reads or says why not.
            return printFile(path)
        }
    }

    private func printFile(_ path: String) -> Outcome {
        do {
            let snapshot = try SnapshotReader(path, on: disk)
            if wishes.verify { _ = try snapshot.verify { _, _ in } }
            if wishes.wantsState {
                var state = try SnapshotState(of: snapshot)
                printSummary(snapshot, isLoaded: true)
                try printFileParts(snapshot)
                printSessions(state.sessions)
                return printNodes(&state, path)
            }
            printSummary(snapshot, isLoaded: false)
            try printFileParts(snapshot)
            return .good
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
        var records = TailReader(block.bytes.span.bytes)
        while true {
            let record: RawSpan?
            do throws(TailDefect) { record = try records.next() } catch { throw .tail(block: number, error) }
            guard let record else { return }
            let header: TransactionHeader
            do throws(JuteDefect) {
                var reader = JuteReader(record)
                header = try TransactionHeader(from: &reader)
            } catch {
                throw .record(after: .zero, error)
            }
            printRecord(header, byteCount: record.byteCount)
        }
    }

    private func printRecord(_ header: TransactionHeader, byteCount: Int) {
        let time = TextForms.time(milliseconds: header.time)
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

    private func printSessions(_ sessions: [Int64: Int32]) {
        guard wishes.sessions else { return }
        for id in sessions.keys.sorted() {
            let timeout = sessions[id, default: 0]
            var object = JSONObject("session")
            object.add("id", "\(SessionID(rawValue: id))")
            object.add("timeoutMilliseconds", Int(timeout))
            output.line("session \(SessionID(rawValue: id))  timeout \(timeout) ms", object)
        }
    }

    private func printNodes(_ state: inout SnapshotState, _ path: String) -> Outcome {
        guard wishes.wantsTree else { return .good }
        let start = wishes.path ?? "/"
        var walk = NodeWalk(from: Array(start.utf8))
        do throws(ErrorCode) {
            while let node = try state.nextNode(of: &walk) {
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
