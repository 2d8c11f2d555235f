/// Many sessions watch one znode, and one more session sets it, again and again: once all have been told.
struct FanOut: ~Copyable {
    enum Kind: String, CaseIterable {
        /// getData with a watch; who was told reads and watches again at once, as clients do.
        case oneShot = "one-shot"
        /// addWatch, once.
        case persistent
    }

    private static let path = "\(PathShape.root)/fan-out"
    private static let pathBytes = Array(path.utf8)
    private static let pingIntervalNanoseconds = 10 * nanosecondsPerSecond

    private let kind: Kind
    private let watcherCount: Int
    /// The watchers, and after them the session that sets.
    private var pool: SessionPool
    private var round: Int32 = 0
    /// The last round of which each watcher was told.
    private var toldRound: [Int32]
    private var lastPing = monotonicNanoseconds()
    /// For each round that counts, how long it took until the last watcher had been told.
    private var lastToldNanoseconds: [Int64] = []

    /// Opens the sessions and leaves a watch in each.
    init(_ kind: Kind, watcherCount: Int, servers: [ServerAddress]) throws(LoadFailure) {
        self.kind = kind
        self.watcherCount = watcherCount
        toldRound = [Int32](repeating: 0, count: watcherCount)
        var setup = try Session.open(servers[0])
        for path in [PathShape.root, Self.path] { _ = try setup.create(path) }
        try setup.close()
        var pool = try SessionPool(count: watcherCount + 1, servers: servers)
        try pool.openAll()
        let request = Self.watchRequest(kind, xid: 0)
        for watcher in 0..<watcherCount { try pool.send(request, on: watcher) }
        try pool.awaitReplies(xid: 0, from: watcherCount)
        self.pool = pool
    }

    /// Sets once a round, until the time is over; what is measured is whole rounds, at least one. An
    /// operation is a notification; its latency runs from the moment when the set was sent.
    mutating func run(_ plan: RunPlan) throws(LoadFailure) -> Measurement {
        var latencies = LatencyHistogram()
        let warm = monotonicNanoseconds() + plan.warmUpNanoseconds
        while monotonicNanoseconds() < warm { try playRound(&latencies) }
        latencies = LatencyHistogram()
        lastToldNanoseconds.removeAll()
        var measured = plan
        measured.warmUpNanoseconds = 0
        let began = monotonicNanoseconds()
        var window = MeasuringWindow(measured, began: began)
        try window.advance(to: began)
        while !window.isOver {
            try playRound(&latencies)
            window.count(watcherCount)
            try window.advance(to: monotonicNanoseconds())
        }
        return try window.measurement(latencies)
    }

    /// Ends the sessions and waits for the answers.
    consuming func close() throws(LoadFailure) { try pool.closeAll() }

    var roundCount: Int { lastToldNanoseconds.count }

    /// How long `fraction` of the measured rounds took at most until the last watcher had been told.
    func lastTold(_ fraction: Double) -> Int64 {
        let sorted = lastToldNanoseconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }

    /// One set, and whatever follows from it until everything is quiet.
    private mutating func playRound(_ latencies: inout LatencyHistogram) throws(LoadFailure) {
        if monotonicNanoseconds() - lastPing > Self.pingIntervalNanoseconds { try pingAll() }
        round += 1
        let set = FrameBytes.set(Self.path, to: Self.value(round), xid: round).framed
        let rearm = Self.watchRequest(kind, xid: round)
        var untoldCount = watcherCount
        // The reply to the set, and those to the reads.
        var owedCount = 1
        let sent = monotonicNanoseconds()
        try pool.send(set, on: watcherCount)
        while untoldCount > 0 || owedCount > 0 {
            for event in 0..<(try pool.wait(nanoseconds: nanosecondsPerSecond / 10)) {
                let session = pool.session(ofEvent: event)
                guard try pool.receive(session) else { throw LoadFailure("the server closed a connection") }
                while let frame = try pool.nextFrame(session) {
                    if ServerFrame(frame).answers(round) {
                        owedCount -= 1
                        continue
                    }
                    try noteTold(session, ServerFrame(frame))
                    untoldCount -= 1
                    let elapsed = monotonicNanoseconds() - sent
                    latencies.record(nanoseconds: elapsed)
                    if untoldCount == 0 { lastToldNanoseconds.append(elapsed) }
                    if kind == .oneShot {
                        try pool.send(rearm, on: session)
                        owedCount += 1
                    }
                }
            }
        }
    }

    /// Checks that a watcher was told what has happened, and once.
    private mutating func noteTold(_ session: Int, _ frame: ServerFrame) throws(LoadFailure) {
        guard session < watcherCount, frame.isChange(of: Self.pathBytes) else {
            throw LoadFailure("a frame that is neither a reply nor the event")
        }
        guard toldRound[session] == round - 1 else { throw LoadFailure("a watcher was told twice") }
        toldRound[session] = round
    }

    /// Keeps the sessions alive that have nothing else to say.
    private mutating func pingAll() throws(LoadFailure) {
        let ping = FrameBytes.ping.framed
        for session in 0..<pool.count { try pool.send(ping, on: session) }
        try pool.awaitReplies(xid: FrameBytes.pingXid, from: pool.count)
        lastPing = monotonicNanoseconds()
    }

    /// What leaves a watch.
    private static func watchRequest(_ kind: Kind, xid: Int32) -> [UInt8] {
        switch kind {
        case .oneShot: FrameBytes.getAndWatch(path, xid: xid).framed
        case .persistent: FrameBytes.addPersistentWatch(path, xid: xid).framed
        }
    }

    private static func value(_ round: Int32) -> [UInt8] { Array("round \(round)".utf8) }
}
