/// Lets operators' questions reach the core one at a time, with a rest behind each that is a multiple of the
/// time it held the core's loop: however many ask however often, clients have the rest of the loop's time.
actor QuestionGate {
    /// With it questions get a fifth of the loop's time at most.
    private static let restFactor: Int64 = 4

    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Waits for one's turn, behind all who came before. `leave` must follow.
    func enter() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lets the next one in, when the rest is over. Returns at once.
    ///
    /// - Parameter nanoseconds: how long the question held the loop.
    nonisolated func leave(after nanoseconds: Int64) {
        Task {
            do {
                try await Task.sleep(nanoseconds: UInt64(max(nanoseconds, 0) * Self.restFactor))
            } catch {
                // Nobody cancels this task; if somebody did, the next one would only come sooner.
            }
            await letIn()
        }
    }

    private func letIn() {
        if waiting.isEmpty {
            isTaken = false
        } else {
            waiting.removeFirst().resume()
        }
    }
}
