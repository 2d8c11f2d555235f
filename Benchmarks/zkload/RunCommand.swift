import ArgumentParser

/// Puts a load on a server and reports what came of it.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Puts a load on a server (this is what runs without a subcommand).")

    @OptionGroup var target: ServerOptions
    @OptionGroup var length: RunLength

    @Option(
        name: .shortAndLong,
        help: "set, get, create, exists, children, multi (of sets), or mixed (90 gets to 10 sets).")
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

    @Option(name: .long, help: "With children: how many each znode has.")
    var children = 10

    @Option(name: .long, help: "With children: znodes that have them; created first where they are missing.")
    var parents = 100

    @Option(name: .long, help: "With multi: sets in each.")
    var multiSize = 10

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
        guard (1...100_000).contains(children), (1...PathShape.numberMax / children).contains(parents) else {
            throw ValidationError("1 to 100000 children, 99999999 of all parents together")
        }
        guard (1...5000).contains(multiSize) else { throw ValidationError("a multi of 1 to 5000 sets") }
        guard operation != .multi || multiSize * (valueBytes + 100) <= valueByteCountMax else {
            throw ValidationError("a multi of at most \(valueByteCountMax) bytes")
        }
        guard rate.map({ $0 >= 1 && $0 <= 1e7 }) ?? true else {
            throw ValidationError("a rate of 1 to 10000000")
        }
        guard requests ?? 1 > 0 else { throw ValidationError("at least one request") }
    }

    func run() throws {
        let servers = try target.servers()
        try prepare(servers)
        var source = RequestSource(
            operation, at: shape, order: operation == .create ? .sequential : .random(count: znodeCount),
            sizes: RequestSizes(valueByteCount: valueBytes, childCount: children, multiCount: multiSize))
        var engine = try LoadEngine(
            servers: servers, count: connections,
            outstandingCountMax: rate == nil ? depth : openLoopRoom, for: source)
        let plan = length.plan(servers: target.serverPid, requestCountMax: requests ?? .max)
        let measurement =
            if let rate {
                try engine.openLoop(plan, rate: rate, from: &source)
            } else {
                try engine.closedLoop(plan, depth: depth, from: &source)
            }
        let transport = engine.transport
        try engine.close()
        if operation == .create && !keep { try deleteCreated(source, servers) }
        target.show(report(measurement, transport: transport))
    }

    /// Requests that may be outstanding on a connection in an open loop before more have to wait.
    private var openLoopRoom: Int { max(16, 65_536 / connections) }

    /// Creates the znodes that the requests go to, where they are missing.
    private func prepare(_ servers: [ServerAddress]) throws(LoadFailure) {
        func prepare(_ shape: PathShape, _ count: Int, valueByteCount: Int = 0) throws(LoadFailure) {
            try KeySpace(servers: servers, shape: shape, count: count, valueByteCount: valueByteCount)
                .prepare()
        }
        guard operation == .children else {
            return try prepare(.keys(valueByteCount: valueBytes), keys, valueByteCount: valueBytes)
        }
        let parentShape = PathShape.parents(childCount: children)
        try prepare(parentShape, parents)
        try prepare(PathShape(childrenOf: parentShape, count: children), parents * children)
    }

    /// Where the requests go; for creates a name that no earlier run has used.
    private var shape: PathShape {
        switch operation {
        case .create: PathShape(name: "made-" + String(monotonicNanoseconds(), radix: 36))
        case .children: .parents(childCount: children)
        case .set, .get, .exists, .multi, .mixed: .keys(valueByteCount: valueBytes)
        }
    }

    private var znodeCount: Int { operation == .children ? parents : keys }

    private func deleteCreated(
        _ source: borrowing RequestSource, _ servers: [ServerAddress]
    ) throws(LoadFailure) {
        guard source.znodeCount > 0 else { return }
        _ = try KeySpace.each(
            .delete, at: source.shape, valueByteCount: 0, servers: servers,
            plan: RunPlan(requestCountMax: source.znodeCount))
    }

    private func report(_ measurement: borrowing Measurement, transport: String) -> Report {
        var report = Report()
        report.add("operation", operation.rawValue)
        report.add("loop", rate == nil ? "closed" : "open")
        report.add("transport", transport)
        report.add("connections", connections)
        if let rate { report.add("rate", rate) } else { report.add("depth", depth) }
        report.add("value_bytes", valueBytes)
        report.add("keys", znodeCount)
        if operation == .children { report.add("children", children) }
        if operation == .multi { report.add("multi_size", multiSize) }
        report.add(measurement)
        return report
    }
}
