import Glibc

/// Takes the signals that end the process, and ignores those that must not.
///
/// A full file size limit or a client that went away are answered as errors of the calls that met them.
struct StopSignals {
    private let signals: sigset_t

    /// Before any other thread is started, so that all of them inherit it.
    init() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        self.signals = signals
    }

    /// Calls `body` on a thread of its own at the first signal; the second one ends the process at once.
    func onSignal(_ body: @escaping @Sendable () -> Void) {
        let waiting = Unmanaged.passRetained(Waiting(signals: signals, body: body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let waiting = Unmanaged<Waiting>.fromOpaque(argument).takeRetainedValue()
                var signals = waiting.signals
                var taken: Int32 = 0
                sigwait(&signals, &taken)
                waiting.body()
                sigwait(&signals, &taken)
                _exit(128 + taken)
            }, waiting.toOpaque())
        pthread_detach(thread)
    }

    private final class Waiting: Sendable {
        let signals: sigset_t
        let body: @Sendable () -> Void

        init(signals: sigset_t, body: @escaping @Sendable () -> Void) {
            self.signals = signals
            self.body = body
        }
    }
}
