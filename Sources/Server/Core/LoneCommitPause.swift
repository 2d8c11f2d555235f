/// When the loop may commit lone writes by itself, which blocks it for as long as the disk takes.
///
/// A disk that stalls must not hold up everybody's reads again and again. So after a slow commit the log
/// thread has all of them for twenty times as long as that one took: slow ones take at most a
/// twentieth of the loop's time, and after a single short stall lone writes are fast again soon.
struct LoneCommitPause {
    private static let slowNanoseconds: Int64 = 10_000_000
    private static let factor: Int64 = 20
    private static let nanosecondsMax: Int64 = 30_000_000_000

    /// Nanoseconds of the monotonic clock.
    private(set) var end: Int64 = 0

    /// Notes a commit that the loop made by itself.
    mutating func note(begunAt: Int64, endedAt: Int64) {
        let took = endedAt - begunAt
        guard took > Self.slowNanoseconds else { return }
        end = endedAt + min(took, Self.nanosecondsMax / Self.factor) * Self.factor
    }
}
