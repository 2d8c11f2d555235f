/// Znodes that a load goes to: numbered, of one shape and one size.
struct KeySpace {
    private static let setupConnectionCount = 16
    private static let setupDepth = 64

    var servers: [ServerAddress]
    var shape: PathShape
    var count: Int
    var valueByteCount: Int

    /// Stands once the whole key space does, so that a second run need not look at every znode.
    private var marker: String { "\(PathShape.root)/ready-\(shape.label)-\(count)" }

    /// Creates what is missing of the key space.
    func prepare() throws(LoadFailure) {
        guard try !isReady() else { return }
        try createParents()
        _ = try createNodes(RunPlan(requestCountMax: count, toleratedError: ServerError.nodeExists))
        try mark()
    }

    /// Creates the whole key space on a server that has nothing of it yet, and says how that went.
    func populate(_ processes: [Int32]) throws(LoadFailure) -> Measurement {
        try createParents()
        let measurement = try createNodes(RunPlan(requestCountMax: count, servers: processes))
        try mark()
        return measurement
    }

    /// Sends one request for each of the first `count` znodes of a shape, pipelined; returns when all
    /// are answered.
    static func each(
        _ operation: Operation, at shape: PathShape, valueByteCount: Int, servers: [ServerAddress],
        plan: RunPlan
    ) throws(LoadFailure) -> Measurement {
        var source = RequestSource(
            operation, operation, firstPercent: 100, at: shape, order: .sequential,
            sizes: RequestSizes(valueByteCount: valueByteCount))
        var engine = try LoadEngine(
            servers: servers, count: setupConnectionCount, outstandingCountMax: setupDepth, for: source)
        let measurement = try engine.closedLoop(plan, depth: setupDepth, from: &source)
        try engine.close()
        return measurement
    }

    private func createNodes(_ plan: RunPlan) throws(LoadFailure) -> Measurement {
        try Self.each(
            .create, at: shape, valueByteCount: valueByteCount, servers: servers, plan: plan)
    }

    private func isReady() throws(LoadFailure) -> Bool {
        var session = try Session.open(servers[0])
        let isReady = try session.exists(marker)
        try session.close()
        return isReady
    }

    private func createParents() throws(LoadFailure) {
        var session = try Session.open(servers[0])
        _ = try session.create(PathShape.root)
        for index in 0..<PathShape.parentCount { _ = try session.create(PathShape.parent(index)) }
        try session.close()
    }

    private func mark() throws(LoadFailure) {
        var session = try Session.open(servers[0])
        _ = try session.create(marker)
        try session.close()
    }
}
