/// How many lines of one kind the log gets in a while, however many clients give cause for one.
package struct LineBudget {
    static let lineCountMax = 100
    static let windowNanoseconds: Int64 = 5_000_000_000

    private var windowEnd = Int64.min
    private var lineCount = 0
    private var omittedCount = 0

    package init() {}

    /// Whether a line may be written at `now`, in nanoseconds; and how many were left out before, which is
    /// said with the first line of a new window.
    package mutating func take(now: Int64) -> (mayWrite: Bool, omittedCount: Int) {
        guard now < windowEnd else {
            let omitted = omittedCount
            windowEnd = now + Self.windowNanoseconds
            lineCount = 1
            omittedCount = 0
            return (true, omitted)
        }
        guard lineCount < Self.lineCountMax else {
            omittedCount += 1
            return (false, 0)
        }
        lineCount += 1
        return (true, 0)
    }
}
