import ArgumentParser

/// Opens and closes sessions as fast as the servers let it.
struct ChurnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn", abstract: "Opens and closes sessions, some at a time.",
        discussion: """
            Each session connects, is granted, asks to be closed, is answered, and waits for the server to \
            close the connection. Opening and closing are logged writes on every server.

            Examples:
              zkload churn --parallel 64 --duration 8 --server-pid $(pgrep zkserver)
              zkload churn --json
            """)

    @OptionGroup var target: ServerOptions
    @OptionGroup var length: RunLength

    @Option(name: .shortAndLong, help: "Sessions at any time.")
    var parallel = 64

    func validate() throws {
        try target.validatePlain()
        guard (1...10_000).contains(parallel) else { throw ValidationError("1 to 10000 sessions") }
    }

    func run() throws {
        var churn = try Churn(parallelCount: parallel, servers: target.plainServers)
        let measurement = try churn.run(length.plan(servers: target.serverPid))
        var report = Report()
        report.add("operation", "churn")
        report.add("parallel", parallel)
        report.add(measurement)
        target.show(report)
    }
}
