import ArgumentParser

/// Puts a load on a server and reports what came of it.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Puts a load on a server (this is what runs without a subcommand).")

    @OptionGroup var target: ServerOptions

    @Option(name: .shortAndLong, help: "set, get, create, exists, or mixed (90 gets to 10 sets).")
    var operation: Mix = .set

    @Option(name: .shortAndLong, help: "Connections, each a session of its own.")
    var connections = 64

    @Option(name: .shortAndLong, help: "Closed loop: requests outstanding on each connection.")
    var depth = 16

    @Option(name: .shortAndLong, help: "Open loop: requests a second over all connections.")
    var rate: Double?

    @Option(name: .long, help: "Bytes of a value.")
    var valueBytes = 100

    @Option(name: .long, help: "Znodes that sets and gets go to; created first where they are missing.")
    var keys = 100_000

    @Option(name: .long, help: "Seconds that are measured.")
    var duration = 8.0

    @Option(name: .long, help: "Seconds of the same load before.")
    var warmUp = 2.0

    @Option(name: .long, help: "End early, after this many requests.")
    var requests: Int?

    @Flag(
        name: .long, help: "Leave the znodes that a create run made; otherwise they are deleted afterwards.")
    var keep = false

    func validate() throws {
        guard (1...10_000).contains(connections) else { throw ValidationError("1 to 10000 connections") }
        guard (1...65_536).contains(depth) else { throw ValidationError("a depth of 1 to 65536") }
        guard (1...PathShape.numberMax).contains(keys) else { throw ValidationError("1 to 99999999 keys") }
        guard (0...valueByteCountMax).contains(valueBytes) else {
            throw ValidationError("values of 0 to \(valueByteCountMax) bytes")
        }
        guard rate.map({ $0 >= 1 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("a rate of 1 to 10000000")
        }
        guard duration > 0, duration <= 86_400, warmUp >= 0, warmUp <= 86_400 else {
            throw ValidationError("a duration of up to a day")
        }
        guard requests ?? 1 > 0 else { throw ValidationError("at least one request") }
    }

    func run() throws {
        let servers = target.addresses
        try KeySpace(servers: servers, count: keys, valueByteCount: valueBytes).prepare()
        var source = RequestSource(
            operation, at: operation == .create ? created : .keys,
            order: operation == .create ? .sequential : .random(count: keys), valueByteCount: valueBytes)
        var engine = try LoadEngine(
            servers: servers, count: connections, outstandingCountMax: rate == nil ? depth : openLoopRoom,
            requestByteCountMax: source.requestByteCountMax, valueByteCount: valueBytes)
        let plan = RunPlan(
            warmUpNanoseconds: Int64(warmUp * 1e9), durationNanoseconds: Int64(duration * 1e9),
            requestCountMax: requests ?? .max, servers: target.serverPid)
        let measurement =
            if let rate {
                try engine.openLoop(plan, rate: rate, from: &source)
            } else {
                try engine.closedLoop(plan, depth: depth, from: &source)
            }
        try engine.close()
        if operation == .create && !keep { try deleteCreated(source) }
        target.show(report(measurement))
    }

    /// Requests that may be outstanding on a connection in an open loop before more have to wait.
    private var openLoopRoom: Int { max(16, 65_536 / connections) }

    /// A name for this run's znodes that no earlier run has used.
    private var created: PathShape {
        PathShape(name: "made-" + String(monotonicNanoseconds(), radix: 36))
    }

    private func deleteCreated(_ source: borrowing RequestSource) throws(LoadFailure) {
        guard source.issuedCount > 0 else { return }
        _ = try KeySpace.each(
            .delete, at: source.shape, valueByteCount: 0, servers: target.addresses,
            plan: RunPlan(requestCountMax: source.issuedCount))
    }

    private func report(_ measurement: borrowing Measurement) -> Report {
        var report = Report()
        report.add("operation", operation.rawValue)
        report.add("loop", rate == nil ? "closed" : "open")
        report.add("connections", connections)
        if let rate { report.add("rate", rate) } else { report.add("depth", depth) }
        report.add("value_bytes", valueBytes)
        report.add("keys", keys)
        report.add(measurement)
        return report
    }
}
