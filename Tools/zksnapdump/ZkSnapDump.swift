import ArgumentParser
import Disk
import DumpOutput
import Glibc
import Snapshots

/// Prints what is in a snapshot. Reads only; the server may be running.
@main
struct ZkSnapDump: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zksnapdump",
        abstract: "Print what is in a snapshot, or in all snapshots of a directory.",
        usage: "zksnapdump [<options>] <paths> ...",
        discussion: """
            Without options the summary is printed, from the file's header, footer and
            index. --verify, --tree, --path and --sessions load the snapshot as the
            server does, and compare what comes out with the footer: end zxid, tree
            digest, counts.

            EXAMPLES
              zksnapdump data/snap
                  all snapshots, newest first
              zksnapdump --verify data/snap
                  the same, every byte of every snapshot read back and checked
              zksnapdump --path /services data/snap/snap-0000000500000010-00000007.zks
                  the nodes from /services down
              zksnapdump --json --tree data/snap | jq 'select(.kind == "node").path'
                  the paths of all nodes

            EXIT CODES
              0   everything was printed, and all that was read is good
              1   a snapshot is damaged, or its contents are not what its footer says
              2   the command line is wrong
              3   there is nothing that can be read, or a newer version wrote it
              4   there is no node at --path
            Of several snapshots the worst decides: 1 before 3 before 4.
            """)

    @Argument(help: "Snapshot files (snap-*.zks), or directories of them.")
    var paths: [String]

    @OptionGroup var wishes: Wishes

    @Flag(help: "Print one JSON object a line instead of text.")
    var json = false

    static func main() {
        do {
            let outcome = try parse().dump()
            Glibc.exit(outcome.rawValue)
        } catch {
            guard exitCode(for: error) == .success else {
                OutputBuffer.note(fullMessage(for: error))
                Glibc.exit(Outcome.badInvocation.rawValue)
            }
            exit(withError: error)
        }
    }

    private func dump() -> Outcome {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        let dump = SnapshotDump(disk: disk, wishes: wishes, output: Output(isJSON: json))
        let outcomes = paths.map { dump.print($0) }
        dump.output.flush()
        return outcomes.max() ?? .good
    }
}

/// What is to be printed besides the summary.
struct Wishes: ParsableArguments {
    @Flag(help: "Read every block past the page cache, check it, load it, and compare with the footer.")
    var verify = false

    @Flag(help: "List all nodes, parents before children.")
    var tree = false

    @Option(help: ArgumentHelp("List this node and those below it.", valueName: "node"))
    var path: String?

    @Flag(help: "List the nodes' data too: escaped in text, base64 in JSON.")
    var data = false

    @Flag(help: "List the sessions.")
    var sessions = false

    @Flag(help: "List the records of the tail: what was committed while the image was taken.")
    var tail = false

    @Flag(help: "List the file's blocks.")
    var blocks = false

    var wantsTree: Bool { tree || path != nil }
    var wantsState: Bool { verify || wantsTree || sessions }

    mutating func validate() throws {
        if let path, !path.hasPrefix("/") { throw ValidationError("--path must begin with a slash") }
        if data && !wantsTree { throw ValidationError("--data goes with --tree or --path") }
    }
}

/// What became of it, the worst last; the raw value is the exit code, the same as zklogdump's.
enum Outcome: Int32, Comparable {
    case good = 0
    case noNode = 4
    case unreadable = 3
    case damaged = 1
    case badInvocation = 2

    private static let byHarm: [Outcome] = [.good, .noNode, .unreadable, .damaged, .badInvocation]

    static func < (left: Outcome, right: Outcome) -> Bool {
        (byHarm.firstIndex(of: left) ?? 0) < (byHarm.firstIndex(of: right) ?? 0)
    }

    init(_ error: SnapshotReadError) {
        self = error.isDamage ? .damaged : .unreadable
    }
}
