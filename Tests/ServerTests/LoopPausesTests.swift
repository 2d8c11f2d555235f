import Testing

@testable import Server

/// How long the loop stood still.
@Suite struct LoopPausesTests {
    private static let second: Int64 = 1_000_000_000

    @Test func theLongestIsKept() {
        var pauses = LoopPauses(now: 0)
        #expect(pauses.longestMilliseconds == 0)
        pauses.note(nanoseconds: 7_000_000)
        pauses.note(nanoseconds: 3_000_000)
        let isSaid1 = pauses.noteBeat(now: Self.second, late: 5_000_000)
        #expect(!isSaid1)
        #expect(pauses.longestMilliseconds == 7)
    }

    @Test func aPauseIsForgottenAfterAMinuteAndNotBeforeHalfAMinute() {
        var pauses = LoopPauses(now: 0)
        _ = pauses.noteBeat(now: 29 * Self.second, late: 90_000_000)
        _ = pauses.noteBeat(now: 30 * Self.second, late: 0)
        #expect(pauses.longestMilliseconds == 90)
        _ = pauses.noteBeat(now: 59 * Self.second, late: 0)
        #expect(pauses.longestMilliseconds == 90)
        _ = pauses.noteBeat(now: 60 * Self.second, late: 0)
        #expect(pauses.longestMilliseconds == 0)
    }

    @Test func aPauseThatOutlastsTheSpansIsItself() {
        var pauses = LoopPauses(now: 0)
        pauses.note(nanoseconds: 5_000_000)
        let isSaid2 = pauses.noteBeat(now: 100 * Self.second, late: 99 * Self.second)
        #expect(isSaid2)
        #expect(pauses.longestMilliseconds == 99_000)
    }

    @Test func aSecondIsWorthALine() {
        var pauses = LoopPauses(now: 0)
        let isSaid3 = pauses.noteBeat(now: Self.second, late: Self.second - 1)
        #expect(!isSaid3)
        let isSaid4 = pauses.noteBeat(now: 2 * Self.second, late: Self.second)
        #expect(isSaid4)
    }

    /// A timer may fire a little early.
    @Test func aNegativeLatenessIsNone() {
        var pauses = LoopPauses(now: 0)
        let isSaid5 = pauses.noteBeat(now: Self.second, late: -5)
        #expect(!isSaid5)
        #expect(pauses.longestMilliseconds == 0)
    }
}
