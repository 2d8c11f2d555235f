/// Nobody answers: the server ends, or has ended.
package struct NotServingError: Error, Sendable {
    package init() {}
}

/// The way for operators to ask the core from other threads. What may be asked stands in extensions of this,
/// each with an answer of a type of its own; none holds the core's loop for more than some tens of
/// milliseconds.
package struct ServerObserver: Sendable {
    let core: CoreReference
    let server: RunningServer
    package let configuration: ServerConfiguration

    /// Asks on the core's loop, when it is this question's turn.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Core) -> Answer
    ) async throws(NotServingError) -> Answer {
        await core.questions.enter()
        var nanoseconds: Int64 = 0
        defer { core.questions.leave(after: nanoseconds) }
        // Nobody may wait for the answer any more.
        guard !Task.isCancelled else { throw NotServingError() }
        let answer: (value: Answer, nanoseconds: Int64)? = await withCheckedContinuation { continuation in
            let isTaken = core.question { core in
                let start = Clock.monotonicNanoseconds()
                let value = core.map(question)
                let end = Clock.monotonicNanoseconds()
                continuation.resume(returning: value.map { ($0, end - start) })
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
        guard let answer else { throw NotServingError() }
        nanoseconds = answer.nanoseconds
        return answer.value
    }

    /// Everything that is measured; what the system says is not asked on the core's loop.
    ///
    /// - Parameter withProcess: what Prometheus's clients tell of a process, too.
    package func measures(withProcess: Bool = false) async throws(NotServingError) -> [Measure] {
        try await ask { $0.coreMeasures } + Measure.ofSystem(withProcess: withProcess)
    }

    package func resetStatistics() async throws(NotServingError) { try await ask { $0.resetStatistics() } }

    package func resetConnectionStatistics() async throws(NotServingError) {
        try await ask { $0.resetConnectionStatistics() }
    }

    /// What `stmk` set.
    package func traceMask() async throws(NotServingError) -> Int64 { try await ask { $0.traceMask } }

    package func setTraceMask(_ mask: Int64) async throws(NotServingError) {
        try await ask { $0.traceMask = mask }
    }
}

extension RunningServer {
    package var observer: ServerObserver {
        ServerObserver(core: core, server: self, configuration: configuration)
    }
}

/// A list of things of which there may be a million; not all of them then.
package struct BoundedList<Item: Sendable>: Sendable {
    package var items: [Item] = []
    /// How many there are in all, if some are left out.
    package var cutOf: Int?
}
