/// Decides who may connect when many want to: by tokens that come back with time, and by lot once the
/// tokens are gone for long (`BLUE`, as ZooKeeper has it).
///
/// Pure: time and chance come in with each question.
struct ConnectionThrottle {
    private let settings: ConnectionThrottleSettings
    private let tokenCountMax: Int
    private let fillCount: Int
    private var tokenCount: Int
    private var filledAt: Int64
    private var judgedAt: Int64
    /// From 0 to 1.
    private(set) var dropChance = 0.0

    /// Tokens that are gone for the moment.
    var deficit: Int { tokenCountMax - tokenCount }

    /// A full bucket at `now`, in milliseconds.
    init(_ settings: ConnectionThrottleSettings, now: Int64) {
        self.settings = settings
        let scale = settings.isWeighted ? settings.newSessionWeight : 1
        tokenCountMax = settings.tokenCountMax * scale
        fillCount = settings.fillCount * scale
        tokenCount = tokenCountMax
        filledAt = now
        judgedAt = now
    }

    /// Whether a client may have a session, new or its own again; takes the tokens for it if so.
    ///
    /// - Parameters:
    ///   - now: in milliseconds.
    ///   - lot: from 0 to below 1, drawn anew each time.
    mutating func admits(isResumed: Bool, now: Int64, lot: @autoclosure () -> Double) -> Bool {
        guard tokenCountMax > 0 else { return true }
        refill(now)
        if settings.freezeMilliseconds >= 0 {
            judge(now)
            if lot() < dropChance { return false }
        }
        let price =
            !settings.isWeighted
            ? 1 : isResumed ? settings.resumedSessionWeight : settings.newSessionWeight
        guard tokenCount >= price else { return false }
        tokenCount -= price
        return true
    }

    private mutating func refill(_ now: Int64) {
        let elapsed = now - filledAt
        guard elapsed > settings.fillMilliseconds else { return }
        filledAt = now
        let (tokens, overflow) = elapsed.multipliedReportingOverflow(by: Int64(fillCount))
        let back = overflow ? Int64.max : tokens / Int64(settings.fillMilliseconds)
        tokenCount = back >= tokenCountMax - tokenCount ? tokenCountMax : tokenCount + Int(back)
    }

    private mutating func judge(_ now: Int64) {
        guard now - judgedAt > settings.freezeMilliseconds else { return }
        judgedAt = now
        let takenCount = tokenCountMax - tokenCount
        if takenCount == tokenCountMax {
            dropChance = min(dropChance + settings.dropIncrease, 1)
        } else if Double(takenCount) <= (Double(tokenCountMax) * settings.decreaseRatio).rounded() {
            dropChance = max(dropChance - settings.dropDecrease, 0)
        }
    }
}
