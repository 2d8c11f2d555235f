import Testing

@testable import Server

@Suite struct WorkQueueTests {
    @Test func everythingThatGatheredIsTakenAtOnce() {
        let queue = WorkQueue<Int>()
        for item in 1...3 { queue.put(item) }
        var items: [Int] = []
        #expect(queue.takeAll(into: &items, deadline: nil) == .items)
        #expect(items == [1, 2, 3])
    }

    @Test func takingFromAnEmptyQueueEndsAtTheDeadline() {
        let queue = WorkQueue<Int>()
        let begin = Clock.monotonicNanoseconds()
        var items: [Int] = []
        #expect(queue.takeAll(into: &items, deadline: begin + 20_000_000) == .timedOut)
        #expect(Clock.monotonicNanoseconds() - begin >= 20_000_000)
    }

    @Test func aClosedQueueGivesWhatItHasFirst() {
        let queue = WorkQueue<Int>()
        queue.put(1)
        queue.close()
        var items: [Int] = []
        #expect(queue.takeAll(into: &items, deadline: nil) == .items)
        items = []
        #expect(queue.takeAll(into: &items, deadline: nil) == .closed)
    }

    @Test func aSleepingTakerIsWokenForEveryItem() {
        let queue = WorkQueue<Int>()
        let thread = NamedThread.start("putter") {
            for item in 0..<10_000 { queue.put(item) }
            queue.close()
        }
        var all: [Int] = []
        var items: [Int] = []
        while queue.takeAll(into: &items, deadline: nil) == .items {
            all += items
            items.removeAll()
        }
        thread.join()
        #expect(all == Array(0..<10_000))
    }
}
