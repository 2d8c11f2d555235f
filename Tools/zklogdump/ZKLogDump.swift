import ArgumentParser
import DumpOutput
import Glibc
import Identifiers

/// Shows what a transaction log holds. Opens files for reading only and takes no lock, so a server may
/// be running on them.
@main
struct ZKLogDump: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zklogdump",
        abstract: "Print, verify, count or follow a transaction log. Never writes.",
        usage: "zklogdump [<options>] <path>",
        discussion: """
            A line has the time, the zxid as epoch.counter and in hexadecimal, the
            session, the type, the path and what the type has besides; the parts of a
            multi follow, indented. --json has more: cxid, segment, batch, the nodes
            that went with a session. Ranges include both their ends.

            EXAMPLES
              zklogdump /data
                  every transaction, one a line; also while a server runs
              zklogdump --verify /data
                  is the log whole? if not, where not, and why
              zklogdump --stats /data
                  types, sizes, busiest parents and sessions, records by time
              zklogdump --path /config --from-time 2026-11-21T08:00 /data
                  what happened there since eight o'clock
              zklogdump --json --type closeSession /data | jq .removed
                  the ephemeral nodes that went with their sessions
              zklogdump --follow --from-zxid 5.1 /data
                  everything of epoch 5, and what comes, until Ctrl-C
              zklogdump /data/log/seg-0000000000000001-0000000000000001.zkl
                  one segment, whatever is wrong with the others

            EXIT CODES
              0   the log is clean, or ends with a torn batch, which was never
                  acknowledged; or all up to --to-zxid was printed
              1   damage was found, at the place that is named; with --verify also
                  damage that costs no record, with which a server starts
              2   the command line is wrong
              3   there is nothing that can be read
            --follow goes on until a signal ends it (130 in a shell, after Ctrl-C).
            docs/recovery.md explains the verdicts.
            """)

    @Argument(help: "A dataLogDir, its folder `log`, or one segment file.")
    var path: String

    @Flag(help: "Check slots, headers, chain and every checksum; say what is wrong, and where.")
    var verify = false

    @Flag(help: "Count types, sizes, batches, parents, sessions, records by time.")
    var stats = false

    @Flag(help: "Go on with what a server adds, once it is durable, through restarts.")
    var follow = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(help: "The first zxid that is shown: 0x100000004 or 1.4.", transform: ZKLogDump.zxid)
    var fromZxid: Zxid?

    @Option(help: "The last zxid that is shown; the log behind it is not read.", transform: ZKLogDump.zxid)
    var toZxid: Zxid?

    @Option(
        help: "The first time that is shown, UTC: 2026-11-21T10:03:18.5, or milliseconds.",
        transform: ZKLogDump.time)
    var fromTime: Int64?

    @Option(help: "The last time that is shown. A date alone is its first moment.", transform: ZKLogDump.time)
    var toTime: Int64?

    @Option(name: .customLong("path"), help: "Only changes at paths that begin so, letter by letter.")
    var pathPrefix: String?

    @Option(help: "Only this session, hexadecimal with or without 0x.", transform: ZKLogDump.session)
    var session: SessionID?

    @Option(help: "Only this type, in a multi too: create, setData, closeSession, error ...")
    var type: String?

    func validate() throws {
        guard [verify, stats, follow].filter({ $0 }).count <= 1 else {
            throw ValidationError("--verify, --stats and --follow exclude each other.")
        }
        let isSelecting =
            fromZxid != nil || toZxid != nil || fromTime != nil || toTime != nil || pathPrefix != nil
            || session != nil || type != nil
        guard !(verify || stats) || !isSelecting else {
            throw ValidationError("--verify and --stats take the whole log; ranges and filters do not apply.")
        }
        guard fromZxid ?? .zero <= toZxid ?? Zxid(rawValue: .max), fromTime ?? .min <= toTime ?? .max else {
            throw ValidationError("The range ends before it begins.")
        }
        guard !follow || toTime == nil else {
            throw ValidationError("--follow ends at --to-zxid; it cannot know that a time is over.")
        }
        if let type, !Transaction.typeNames.contains(type) {
            throw ValidationError(
                "No type \(type); there are \(Transaction.typeNames.joined(separator: ", ")).")
        }
    }

    static func main() {
        let status: ExitStatus
        do {
            status = try parse().perform()
        } catch let failure as DumpFailure {
            OutputBuffer.note("zklogdump: \(failure.message)")
            status = failure.status
        } catch {
            guard exitCode(for: error) == .success else {
                OutputBuffer.note(fullMessage(for: error))
                Glibc.exit(ExitStatus.badInvocation.rawValue)
            }
            exit(withError: error)
        }
        Glibc.exit(status.rawValue)
    }

    private func perform() throws(DumpFailure) -> ExitStatus {
        let source = try LogSource(path)
        if verify { return try VerifyRun(source: source, asJSON: json).run() }
        if stats { return try StatsRun(source: source, asJSON: json).run() }
        let selection = Selection(
            fromZxid: fromZxid, toZxid: toZxid, fromTime: fromTime, toTime: toTime, pathPrefix: pathPrefix,
            session: session, type: type)
        guard follow else { return try DumpRun(source: source, selection: selection, asJSON: json).run() }
        var run = try FollowRun(source, selection, asJSON: json)
        return try run.run()
    }

    private static func zxid(_ text: String) throws -> Zxid {
        guard let zxid = Zxid(text: text) else {
            throw ValidationError("\(text) is no zxid; write 0x100000004 or 1.4.")
        }
        return zxid
    }

    private static func time(_ text: String) throws -> Int64 {
        guard let time = CivilTime.milliseconds(text) else {
            throw ValidationError("\(text) is no time; write 2026-11-21T10:03:18 or milliseconds since 1970.")
        }
        return time
    }

    private static func session(_ text: String) throws -> SessionID {
        guard let bits = UInt64(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text, radix: 16) else {
            throw ValidationError("\(text) is no session; write it in hexadecimal.")
        }
        return SessionID(rawValue: Int64(bitPattern: bits))
    }
}
