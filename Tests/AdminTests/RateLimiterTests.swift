import Testing

@testable import Admin

@Suite struct RateLimiterTests {
    @Test func oneIsLetThroughInAWhile() {
        let limiter = RateLimiter(milliseconds: 100)
        let now = ContinuousClock.now
        #expect(limiter.allows(now: now))
        #expect(!limiter.allows(now: now))
        #expect(!limiter.allows(now: now + .milliseconds(99)))
        #expect(limiter.allows(now: now + .milliseconds(100)))
        #expect(!limiter.allows(now: now + .milliseconds(199)))
    }

    @Test func noPauseIsNoLimit() {
        let limiter = RateLimiter(milliseconds: 0)
        let now = ContinuousClock.now
        #expect(limiter.allows(now: now))
        #expect(limiter.allows(now: now))
    }
}
