import NIOCore
import Synchronization

/// The way to the core from other threads: work is handed to its event loop.
final class CoreReference: @unchecked Sendable {
    private let eventLoop: any EventLoop
    /// Into which the loop's sockets are read.
    let receiveBuffer = ReceiveBuffer()
    /// For operators' questions.
    let questions = QuestionGate()
    private let takesQuestions = Mutex(true)
    // Touched on the loop only.
    private var core: Core?

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Names the core, or nobody, on the loop.
    func set(_ core: Core?) {
        eventLoop.preconditionInEventLoop()
        core?.receiveBuffer = receiveBuffer
        self.core = core
    }

    /// Names nobody, and lets go of the core once its connections are gone and no timer of it is due any
    /// more: parts of it are used by both. On the loop.
    func retire() {
        guard let core else { return }
        set(nil)
        letGo(of: core)
    }

    /// Longer than any timer of a core.
    private static let patience = TimeAmount.seconds(1)

    private func letGo(of core: Core) {
        eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [self] in
            if !core.connections.all.isEmpty { letGo(of: core) }
        }
    }

    /// Runs `body` on the loop, unless there is no core by then.
    func perform(_ body: @escaping @Sendable (Core) -> Void) {
        eventLoop.execute { [self] in
            if let core { body(core) }
        }
    }

    /// Runs `body` on the loop, with nil if there is no core by then; false if the loop ends, and then never.
    func question(_ body: @escaping @Sendable (Core?) -> Void) -> Bool {
        // Held while the task is handed over: a loop that has ended drops tasks without a word.
        takesQuestions.withLock { takesQuestions in
            guard takesQuestions else { return false }
            eventLoop.execute { [self] in body(core) }
            return true
        }
    }

    /// From now on no questions are taken. Blocks until those that were are answered; before the loop ends.
    func endQuestions() {
        takesQuestions.withLock { $0 = false }
        do {
            try eventLoop.submit {}.wait()
        } catch {
            // There is no loop any more that could answer.
        }
    }

    /// The core, for those who are on the loop.
    var onLoop: Core? {
        eventLoop.preconditionInEventLoop()
        return core
    }
}
