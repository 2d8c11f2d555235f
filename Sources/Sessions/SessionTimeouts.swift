/// The bounds within which a server grants session timeouts, in milliseconds.
package struct SessionTimeouts: Equatable, Sendable {
    package let tickMilliseconds: Int32
    package let minimumMilliseconds: Int32
    package let maximumMilliseconds: Int32

    /// By default 2 to 20 ticks. All three must be positive and the bounds in order.
    package init(
        tickMilliseconds: Int32, minimumMilliseconds: Int32? = nil, maximumMilliseconds: Int32? = nil
    ) {
        let minimum = minimumMilliseconds ?? Int32(clamping: Int64(tickMilliseconds) * 2)
        let maximum = maximumMilliseconds ?? Int32(clamping: Int64(tickMilliseconds) * 20)
        precondition(
            tickMilliseconds > 0 && minimum > 0 && minimum <= maximum, "session timeouts out of order")
        self.tickMilliseconds = tickMilliseconds
        self.minimumMilliseconds = minimum
        self.maximumMilliseconds = maximum
    }

    /// What a client gets that asks for `milliseconds`.
    package func negotiated(_ milliseconds: Int32) -> Int32 {
        min(max(milliseconds, minimumMilliseconds), maximumMilliseconds)
    }
}
