import Server

/// The server's measures, taken from the core's loop a few times a second at most, however many ask.
///
/// Each visit holds the clients' loop for some tens of microseconds: five a second are nothing, and a thousand
/// that somebody asks for out of malice are no more than five.
actor RecentMeasures {
    private static let age = Duration.milliseconds(200)

    private let subject: ObservedServer
    private let showsProcess: Bool
    private var last: (measures: [Measure], takenAt: ContinuousClock.Instant)?
    private var visit: Task<[Measure], any Error>?

    init(_ subject: ObservedServer, showsProcess: Bool) {
        self.subject = subject
        self.showsProcess = showsProcess
    }

    /// Not older than a fifth of a second.
    func measures() async throws -> [Measure] {
        if let last, ContinuousClock.now - last.takenAt < Self.age { return last.measures }
        if let visit { return try await visit.value }
        let observer = subject.current
        let showsProcess = showsProcess
        let task = Task {
            guard let observer else { throw NotServingError() }
            return try await observer.measures(withProcess: showsProcess)
        }
        visit = task
        defer { visit = nil }
        let measures = try await task.value
        last = (measures, .now)
        return measures
    }
}
