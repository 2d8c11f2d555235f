import ArgumentParser

/// Measures ZooKeeper-compatible servers: one thread, raw protocol, every reply checked.
@main
struct ZKLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zkload",
        abstract: "A load generator for ZooKeeper-compatible servers.",
        discussion: """
            One thread drives all connections through epoll and speaks the wire protocol directly. It \
            checks the order, the error number and the length of every reply and stops at the first \
            wrong one.

            Examples:
              zkload --operation set --connections 64 --depth 16
                  closed loop: 16 requests outstanding on each of 64 connections
              zkload --operation set --connections 64 --rate 38000 --duration 20
                  open loop: 38 000 a second whatever the server does; latency counts from the due time
              zkload --operation mixed --server-pid $(pgrep zkserver) --json
                  90 gets to 10 sets; with the server's processor time and memory
              zkload --operation get --tls-ca ca.pem --server 127.0.0.1:2281
                  the same over TLS
              zkload --operation children --children 10000 --parents 1 --connections 16 --depth 1
                  listings of a znode with 10 000 children
              zkload --operation multi --multi-size 10
                  transactions of ten sets
              zkload populate --count 1000000 --server-pid 4711
                  creates a million znodes and says what one costs in resident memory
              zkload fan-out --sessions 10000 --kind persistent
                  a znode that 10 000 sessions watch is set, and set again once all have been told
              zkload churn --parallel 64
                  sessions that are opened and closed, 64 at a time
              zkload idle --sessions 5000 --ping-every 2
                  sessions that only live, and what they cost
              zkload null-server --port 2999 & zkload --server 127.0.0.1:2999
                  what the generator itself can do
            """,
        subcommands: [
            RunCommand.self, PopulateCommand.self, FanOutCommand.self, ChurnCommand.self, IdleCommand.self,
            NullServerCommand.self,
        ],
        defaultSubcommand: RunCommand.self)
}

/// What every load needs to know about the servers.
struct ServerOptions: ParsableArguments {
    @Option(name: .long, help: "A server, HOST:PORT with a numeric host; more than one share the load.")
    var server: [ServerAddress] = []

    @Option(name: .long, help: "A server's process id, to report its processor time and memory.")
    var serverPid: [Int32] = []

    @Option(
        name: .long,
        help: "Speak TLS, and trust this PEM file's certificates (runs and populate; needs OpenSSL 3).")
    var tlsCa: String?

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    /// The servers, for loads that may speak TLS.
    func servers() throws(LoadFailure) -> [ServerAddress] {
        guard let tlsCa else { return plainServers }
        let security = try TransportSecurity(authorities: tlsCa)
        return plainServers.map { server in
            var server = server
            server.security = security
            return server
        }
    }

    /// The servers, for loads that speak plain TCP only, which `validatePlain` has made sure of.
    var plainServers: [ServerAddress] {
        server.isEmpty ? [ServerAddress(argument: "127.0.0.1:2181")].compactMap(\.self) : server
    }

    func validatePlain() throws {
        guard tlsCa == nil else { throw ValidationError("this load speaks no TLS") }
    }

    func show(_ report: Report) { print(json ? report.json : report.text) }
}

/// Bytes that a value may have: a request has to fit into the protocol's default limit of 1 MiB.
let valueByteCountMax = 1_000_000
