import ArgumentParser

/// Keeps many sessions alive that do nothing, and reports what they cost.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Keeps many sessions alive with pings, and reports what they cost.",
        discussion: """
            Reports the servers' processor time (server_cores) and what their resident memory has grown \
            by for each session. For the memory, the server should be newly started: one that has freed \
            memory before takes it from there, and seems to need none.

            Examples:
              zkload idle --sessions 5000 --ping-every 2 --server-pid $(pgrep zkserver)
              zkload idle --sessions 1000 --duration 2 --json
            """)

    @OptionGroup var target: ServerOptions
    @OptionGroup var length: RunLength

    @Option(name: .shortAndLong, help: "Sessions, all open at the same time.")
    var sessions = 5000

    @Option(name: .long, help: "Seconds between two pings of a session.")
    var pingEvery = 2.0

    func validate() throws {
        try target.validatePlain()
        guard (1...100_000).contains(sessions) else { throw ValidationError("1 to 100000 sessions") }
        guard (0.01...13).contains(pingEvery) else {
            throw ValidationError("a ping every 0.01 to 13 seconds: a third of the session's time-out")
        }
    }

    func run() throws {
        var idle = try IdleSessions(
            count: sessions, intervalNanoseconds: Int64(pingEvery * 1e9), servers: target.plainServers,
            processes: target.serverPid)
        let measurement = try idle.run(length.plan(servers: target.serverPid))
        let growth = measurement.memory.resident - idle.residentBefore
        var report = Report()
        report.add("operation", "idle")
        report.add("sessions", sessions)
        report.add("ping_every_seconds", pingEvery)
        report.add(measurement)
        report.add("server_rss_before_bytes", idle.residentBefore)
        report.add("server_rss_bytes_per_session", Double(growth) / Double(sessions))
        try idle.close()
        target.show(report)
    }
}
