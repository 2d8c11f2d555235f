import Testing

@testable import Server

/// The loop leaves the disk to the log thread in proportion to how long it was held up.
@Suite struct LoneCommitPauseTests {
    private let millisecond: Int64 = 1_000_000

    @Test(
        arguments: [(9, 0), (10, 0), (11, 220), (100, 2000), (1500, 30_000), (60_000, 30_000)]
            as [(Int64, Int64)])
    func aSlowCommitIsFollowedByTwentyTimesItsLengthAndHalfAMinuteAtMost(took: Int64, paused: Int64) {
        var pause = LoneCommitPause()
        let begunAt = 5 * millisecond
        let endedAt = begunAt + took * millisecond
        pause.note(begunAt: begunAt, endedAt: endedAt)
        #expect(pause.end == (paused == 0 ? 0 : endedAt + paused * millisecond))
    }
}
