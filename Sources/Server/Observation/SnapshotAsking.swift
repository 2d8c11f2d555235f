import Synchronization

extension ServerObserver {
    /// Makes a snapshot of all that is applied by now, or takes part in one that will hold it. May take as
    /// long as writing and verifying the tree does; ends early if the task is cancelled.
    package func snapshot() async throws(NoSnapshotError) -> HeldSnapshot {
        let wait = SnapshotWait()
        do {
            try await ask { core in
                guard let housekeeping = core.housekeeping else { return wait.finish(.failure(.ending)) }
                core.readClocks()
                housekeeping.snapshotNow { wait.finish($0) }
            }
        } catch {
            throw .ending
        }
        return try await wait.value().get()
    }
}

/// One answer, for one task that may give up waiting for it.
private final class SnapshotWait: Sendable {
    private typealias Answer = Result<HeldSnapshot, NoSnapshotError>

    private enum State {
        case open
        case waiting(CheckedContinuation<Answer, Never>)
        case answered(Answer)
    }

    private let state = Mutex(State.open)

    /// The first answer counts.
    func finish(_ answer: Result<HeldSnapshot, NoSnapshotError>) {
        let waiting: CheckedContinuation<Answer, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .answered(answer)
                return nil
            case .waiting(let continuation):
                state = .answered(answer)
                return continuation
            case .answered:
                return nil
            }
        }
        waiting?.resume(returning: answer)
    }

    /// Once only.
    func value() async -> Result<HeldSnapshot, NoSnapshotError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Answer? = state.withLock { state in
                    if case .answered(let answer) = state { return answer }
                    state = .waiting(continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            finish(.failure(.ending))
        }
    }
}
