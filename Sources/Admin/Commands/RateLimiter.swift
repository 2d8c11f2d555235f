import Synchronization

/// Lets one through, and then nobody for a while.
final class RateLimiter: Sendable {
    private let pause: Duration
    private let nextAt = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter milliseconds: 0 lets everybody through.
    init(milliseconds: Int) { pause = .milliseconds(milliseconds) }

    func allows(now: ContinuousClock.Instant = .now) -> Bool {
        nextAt.withLock { nextAt in
            if let nextAt, now < nextAt { return false }
            nextAt = now + pause
            return true
        }
    }
}
