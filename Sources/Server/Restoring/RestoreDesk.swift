import Synchronization

/// Lets in one restore at a time, and none once the server ends.
final class RestoreDesk: Sendable {
    private struct State {
        var isTaken = false
        var isClosed = false
        var worker: NamedThread?
    }

    private let state = Mutex(State())

    /// Whether what is under way should be given up.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func takeTurn() throws(RestoreError) -> RestoreTurn {
        try state.withLock { state throws(RestoreError) in
            if state.isClosed { throw .stopping }
            if state.isTaken { throw .busy }
            state.isTaken = true
        }
        return RestoreTurn(self)
    }

    fileprivate func giveBack() { state.withLock { $0.isTaken = false } }

    /// Runs `body` on a thread of its own; false if the server ends. By whoever has the turn.
    func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            // The last turn's is at its end: it has answered.
            state.worker?.join()
            state.worker = NamedThread.start("restore", body)
            return true
        }
    }

    /// Lets nobody in any more and waits for whoever is at work.
    func close() {
        let worker = state.withLock { state in
            state.isClosed = true
            defer { state.worker = nil }
            return state.worker
        }
        worker?.join()
    }
}

/// The right to restore; given back when it goes, if not before.
final class RestoreTurn: Sendable {
    private let desk: RestoreDesk
    private let hasEnded = Atomic(false)

    fileprivate init(_ desk: RestoreDesk) { self.desk = desk }

    func end() {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        desk.giveBack()
    }

    deinit { end() }
}
