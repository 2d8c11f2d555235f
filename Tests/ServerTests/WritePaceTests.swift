import Testing

@testable import Server

@Suite struct WritePaceTests {
    @Test func aWriterThatDoesNothingElseSleepsForEachPiece() {
        let pace = WritePace(now: 1000)
        #expect(pace.sleep(for: 300, now: 1000) == 300)
        #expect(pace.sleep(for: 300, now: 1300) == 300)
    }

    @Test func whatTheWriterTookItselfIsTakenOff() {
        let pace = WritePace(now: 1000)
        #expect(pace.sleep(for: 300, now: 1100) == 200)
        #expect(pace.sleep(for: 300, now: 1600) == 0)
    }

    /// Ten slow pieces do not let ten others follow each other at once.
    @Test func slownessIsNotSavedUpForABurst() {
        let pace = WritePace(now: 1000)
        #expect(pace.sleep(for: 300, now: 9000) == 0)
        #expect(pace.sleep(for: 300, now: 9000) == 300)
    }

    /// A sleep that ended late does not shift what comes after it.
    @Test func aLateAwakeningIsNotPaidTwice() {
        let pace = WritePace(now: 1000)
        #expect(pace.sleep(for: 300, now: 1000) == 300)
        #expect(pace.sleep(for: 300, now: 1350) == 250)
    }
}
