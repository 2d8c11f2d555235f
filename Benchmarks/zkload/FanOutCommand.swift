import ArgumentParser

extension FanOut.Kind: ExpressibleByArgument {}

/// Has many sessions watch one znode and tells how fast they hear of its changes.
struct FanOutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fan-out", abstract: "Has many sessions watch one znode that is set again and again.",
        discussion: """
            A round is one set; the next one follows when every watcher has been told and, with one-shot \
            watches, has read the znode and watches it again. operations_per_second are notifications \
            over the whole time, reads and all; last_p50_us and last_max_us are how long it took from a \
            set until the last watcher had its event.

            Examples:
              zkload fan-out --sessions 10000 --kind one-shot --server-pid $(pgrep zkserver)
              zkload fan-out --sessions 1000 --kind persistent --json
            """)

    @OptionGroup var target: ServerOptions
    @OptionGroup var length: RunLength

    @Option(name: .shortAndLong, help: "Sessions that watch.")
    var sessions = 10_000

    @Option(name: .shortAndLong, help: "one-shot (getData) or persistent (addWatch).")
    var kind = FanOut.Kind.oneShot

    func validate() throws {
        try target.validatePlain()
        guard (1...100_000).contains(sessions) else { throw ValidationError("1 to 100000 sessions") }
    }

    func run() throws {
        var fanOut = try FanOut(kind, watcherCount: sessions, servers: target.plainServers)
        let measurement = try fanOut.run(length.plan(servers: target.serverPid))
        var report = Report()
        report.add("operation", "fan-out")
        report.add("kind", kind.rawValue)
        report.add("sessions", sessions)
        report.add(measurement)
        report.add("rounds", fanOut.roundCount)
        report.add("last_p50_us", Double(fanOut.lastTold(0.5)) / 1000)
        report.add("last_max_us", Double(fanOut.lastTold(1)) / 1000)
        try fanOut.close()
        target.show(report)
    }
}
