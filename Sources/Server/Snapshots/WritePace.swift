import Synchronization

/// Keeps a writer to a rate: each piece has its price in time, and only what the writer has not spent by
/// itself since the piece before is slept.
///
/// For one thread at a time.
final class WritePace: Sendable {
    /// Until when everything written is paid for, nanoseconds of the monotonic clock.
    private let paidUntil: Atomic<Int64>

    init(now: Int64) { paidUntil = Atomic(now) }

    /// How many nanoseconds to sleep after a piece. Time in which nothing was written is not saved up, so
    /// there are no bursts.
    func sleep(for price: UInt64, now: Int64) -> UInt64 {
        let due = paidUntil.load(ordering: .relaxed) + Int64(clamping: price)
        paidUntil.store(max(now, due), ordering: .relaxed)
        return UInt64(max(0, due - now))
    }

    /// Sleeps so long.
    func pay(_ price: UInt64) {
        let nanoseconds = sleep(for: price, now: Clock.monotonicNanoseconds())
        if nanoseconds > 0 { NamedThread.sleep(nanoseconds: nanoseconds) }
    }
}
