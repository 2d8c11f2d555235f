import NIOCore

/// Nobody answers: the server ends, or has ended.
package struct NotServingError: Error, Sendable {
    package init() {}
}

/// The way for operators to ask the core from other threads. What may be asked stands in extensions of this,
/// each with an answer of a type of its own; none holds the core's loop for more than some tens of
/// milliseconds.
package struct ServerObserver: Sendable {
    let core: CoreReference

    /// Asks on the core's loop.
    func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (Core) -> Answer
    ) async throws(NotServingError) -> Answer {
        do {
            return try await core.submit(question).get()
        } catch {
            throw NotServingError()
        }
    }
}

extension RunningServer {
    package var observer: ServerObserver { ServerObserver(core: core) }
}
