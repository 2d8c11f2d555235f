import Testing

@testable import Server

/// Who waits for which snapshot.
@Suite struct SnapshotQueueTests {
    private final class Answers {
        var failures: [String] = []

        func note(_ name: String) -> SnapshotQueue.Answer {
            { result in
                if case .failure(let error) = result { self.failures.append("\(name): \(error)") }
            }
        }
    }

    private let over = Result<HeldSnapshot, NoSnapshotError>.failure(NoSnapshotError(description: "over"))

    @Test func whoAsksDuringTheWalkIsServedByIt() {
        var queue = SnapshotQueue()
        let answers = Answers()
        queue.add(isServedByPresent: true, answers.note("a"))
        #expect(!queue.needsAnother)
        queue.end(over)
        #expect(answers.failures == ["a: over"])
        queue.end(over)
        #expect(answers.failures.count == 1)
    }

    @Test func nobodyWaitsForAServerThatEnds() {
        var queue = SnapshotQueue()
        let answers = Answers()
        queue.add(isServedByPresent: true, answers.note("a"))
        queue.add(isServedByPresent: false, answers.note("b"))
        queue.giveUp()
        #expect(answers.failures == ["a: the server ends", "b: the server ends"])
        #expect(!queue.needsAnother)
    }

    @Test func whoAsksBehindTheWalkGetsTheNextOne() {
        var queue = SnapshotQueue()
        let answers = Answers()
        queue.add(isServedByPresent: false, answers.note("late"))
        queue.end(over)
        #expect(answers.failures == [])
        #expect(queue.needsAnother)
        queue.begin()
        #expect(!queue.needsAnother)
        queue.add(isServedByPresent: false, answers.note("later"))
        queue.end(over)
        #expect(answers.failures == ["late: over"])
        #expect(queue.needsAnother)
    }
}
