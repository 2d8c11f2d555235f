import ArgumentParser
import Disk
import Snapshots

/// Prints what is in a snapshot. Reads only; the server may be running.
@main
struct ZkSnapDump: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zksnapdump",
        abstract: "Print what is in a snapshot, or in all snapshots of a directory.",
        discussion: """
            Without options the summary is printed, from the file's header, footer and index. --verify, \
            --tree, --path and --sessions load the snapshot as the server does, and compare what comes \
            out with the footer: end zxid, tree digest, counts.

            EXAMPLES
              zksnapdump data/snap
                  all snapshots, newest first
              zksnapdump --verify data/snap
                  the same, with every byte of every snapshot read back and checked
              zksnapdump --path /services snap-0000000500000010-00000007.zks
                  the nodes from /services down
              zksnapdump --json --tree data/snap | jq 'select(.kind == "node").path'
                  the paths of all nodes

            EXIT CODES
              0   everything was printed, and all that was read is good
              1   there is no node at --path
              2   a snapshot is damaged, or its contents are not what its footer says
              3   a snapshot was written by a newer version
              4   a file or directory cannot be read
              64  the command line is wrong
            """)

    @Argument(help: "Snapshot files (snap-*.zks), or directories of them.")
    var paths: [String]

    @OptionGroup var wishes: Wishes

    @Flag(help: "Print one JSON object a line instead of text.")
    var json = false

    func run() throws {
        let disk = KernelDisk(syncMode: .bufferedThenSync)
        let dump = SnapshotDump(disk: disk, wishes: wishes, output: Output(isJSON: json))
        var outcome = Outcome.good
        for path in paths { outcome = max(outcome, dump.print(path)) }
        dump.output.flush()
        if outcome != .good { throw ExitCode(outcome.rawValue) }
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

/// What became of it, the worst last; the raw value is the exit code.
enum Outcome: Int32, Comparable {
    case good = 0
    case noNode = 1
    case damaged = 2
    case newer = 3
    case unreadable = 4

    static func < (left: Outcome, right: Outcome) -> Bool { left.rawValue < right.rawValue }

    init(_ error: SnapshotReadError) {
        switch error.defect {
        case .disk: self = .unreadable
        case .unsupportedMajor, .unknownIncompatibleFeatures: self = .newer
        default: self = .damaged
        }
    }
}
