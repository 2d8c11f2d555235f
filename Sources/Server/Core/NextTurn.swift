import NIOCore

/// Work that goes on piece by piece, each piece after the loop has looked at its sockets.
///
/// What a task gives to SwiftNIO's loop by `execute` still runs before the loop looks at its sockets, and
/// so does a timer that is due by then: a chain of such pieces would keep everybody else waiting until
/// its end. Here whatever is asked for during a round waits for the next one, and a timer that is set at a
/// round's end is not due when the loop looks for more to do.
final class NextTurn {
    private let eventLoop: any EventLoop
    private var work: [() -> Void] = []
    private var isScheduled = false

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Runs `piece` in the next round, behind those that were asked for before. On the loop only.
    func perform(_ piece: @escaping () -> Void) {
        work.append(piece)
        guard !isScheduled else { return }
        isScheduled = true
        schedule()
    }

    private func schedule() {
        eventLoop.assumeIsolated().scheduleTask(in: .microseconds(50)) { [self] in run() }
    }

    private func run() {
        let round = work
        work = []
        for piece in round { piece() }
        isScheduled = !work.isEmpty
        if isScheduled { schedule() }
    }
}
