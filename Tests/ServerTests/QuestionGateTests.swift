import Synchronization
import Testing

@testable import Server

/// How operators' questions reach the core.
@Suite struct QuestionGateTests {
    /// How many are in, were in at once, and have left.
    private final class Counts: Sendable {
        private let state = Mutex((inside: 0, most: 0, done: 0))

        var values: (inside: Int, most: Int, done: Int) { state.withLock { $0 } }

        func enter() {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
            }
        }

        func leave() {
            state.withLock { state in
                state.inside -= 1
                state.done += 1
            }
        }
    }

    @Test func oneIsInAtATimeAndNobodyIsForgotten() async {
        let gate = QuestionGate()
        let counts = Counts()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await gate.enter()
                    counts.enter()
                    await Task.yield()
                    counts.leave()
                    gate.leave(after: 0)
                }
            }
        }
        #expect(counts.values.most == 1)
        #expect(counts.values.done == 50)
    }

    @Test func theNextOneWaitsForARest() async {
        let gate = QuestionGate()
        await gate.enter()
        let start = ContinuousClock.now
        gate.leave(after: 20_000_000)
        await gate.enter()
        #expect(ContinuousClock.now - start >= .milliseconds(80))
        gate.leave(after: 0)
    }

    @Test func manyQuestionsAreAnswered() async throws {
        let server = try TestServer()
        let observer = server.server.observer
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let facts = try await observer.serverFacts()
                    #expect(facts.nodeCount == 5)
                    let counts = try await observer.watchCounts()
                    #expect(counts.watchCount == 0)
                }
            }
            try await group.waitForAll()
        }
        server.stop()
        await #expect(throws: NotServingError.self) { try await observer.serverFacts() }
    }
}
