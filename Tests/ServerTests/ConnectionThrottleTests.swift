import Testing

@testable import Server

@Suite struct ConnectionThrottleTests {
    private func settings(_ change: (inout ConnectionThrottleSettings) -> Void) -> ConnectionThrottleSettings
    {
        var settings = ConnectionThrottleSettings()
        settings.fillMilliseconds = 1000
        change(&settings)
        return settings
    }

    /// What a throttle that begins at 0 says to clients who come at these moments.
    private func answers(
        _ settings: ConnectionThrottleSettings, isResumed: [Bool] = [], lot: Double = 0, at moments: [Int64]
    ) -> [Bool] {
        var throttle = ConnectionThrottle(settings, now: 0)
        return moments.enumerated().map { index, now in
            throttle.admits(isResumed: isResumed.isEmpty ? false : isResumed[index], now: now, lot: lot)
        }
    }

    @Test func withoutTokensThereIsNoLimit() {
        let answers = answers(settings { $0.tokenCountMax = 0 }, at: [Int64](repeating: 0, count: 1000))
        #expect(!answers.contains(false))
    }

    @Test func asManyAsThereAreTokensComeInAtOnce() {
        let answers = answers(settings { $0.tokenCountMax = 3 }, at: [0, 0, 0, 0, 0])
        #expect(answers == [true, true, true, false, false])
    }

    @Test func theDeficitIsWhatIsTakenAndNotBack() {
        var throttle = ConnectionThrottle(settings { $0.tokenCountMax = 3 }, now: 0)
        #expect(throttle.deficit == 0)
        for _ in 0..<5 { _ = throttle.admits(isResumed: false, now: 0, lot: 0) }
        #expect(throttle.deficit == 3)
        #expect(ConnectionThrottle(settings { $0.tokenCountMax = 0 }, now: 0).deficit == 0)
    }

    @Test func tokensComeBackWithTime() {
        let two = settings {
            $0.tokenCountMax = 4
            $0.fillCount = 2
        }
        let answers = answers(two, at: [0, 0, 0, 0, 1000, 1001, 1002, 1003])
        #expect(answers == [true, true, true, true, false, true, true, false])
    }

    @Test func neverMoreComeBackThanFitIn() {
        let answers = answers(settings { $0.tokenCountMax = 2 }, at: [.max / 2, .max / 2, .max / 2])
        #expect(answers == [true, true, false])
    }

    @Test func weightsMakeNewSessionsDearer() {
        let weighted = settings {
            $0.tokenCountMax = 2
            $0.isWeighted = true
        }
        // Six tokens: a new session takes three, a resumed one two.
        let answers = answers(weighted, isResumed: [false, true, true, false], at: [0, 0, 0, 0])
        #expect(answers == [true, true, false, false])
    }

    @Test func anEmptyBucketRaisesTheChanceToBeTurnedAwayAndAFullOneLowersIt() {
        let judging = settings {
            $0.tokenCountMax = 1
            $0.fillMilliseconds = 1_000_000
            $0.freezeMilliseconds = 10
            $0.dropIncrease = 0.5
            $0.dropDecrease = 0.25
        }
        var throttle = ConnectionThrottle(judging, now: 0)
        var chances: [Double] = []
        // Full at first; then empty; then full again, and so it stays, as nobody's lot is good enough.
        let full: [Int64] = [1_000_100, 1_000_111, 1_000_122, 1_000_133]
        for now in [0, 11, 22, 33] + full {
            _ = throttle.admits(isResumed: false, now: now, lot: now == 0 ? 0.5 : -1)
            chances.append(throttle.dropChance)
        }
        #expect(chances == [0, 0.5, 1, 1, 0.75, 0.5, 0.25, 0])
    }
}
