import Testing

@testable import Server

@Suite struct LineBudgetTests {
    @Test func aHundredLinesOfFiveSecondsAreWrittenAndTheRestIsCounted() {
        var budget = LineBudget()
        let first = (0..<130).map { _ in budget.take(now: 7) }
        #expect(first.filter(\.mayWrite).count == 100 && first.allSatisfy { $0.omittedCount == 0 })
        let last = budget.take(now: 5_000_000_006)
        #expect(!last.mayWrite)
        let next = budget.take(now: 5_000_000_007)
        #expect(next.mayWrite && next.omittedCount == 31)
        let after = budget.take(now: 5_000_000_008)
        #expect(after.mayWrite && after.omittedCount == 0)
    }
}
