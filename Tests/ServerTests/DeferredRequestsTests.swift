import Testing

@testable import Server

@Suite struct DeferredRequestsTests {
    @Test func entriesComeBackInOrderOnceTheirWritesAreAnswered() {
        var deferred = DeferredRequests()
        append(1, after: 1, to: &deferred)
        append(2, after: 1, to: &deferred)
        append(3, after: 2, to: &deferred)
        expect([], at: 0, from: &deferred)
        expect([[1], [2]], at: 1, from: &deferred)
        append(4, after: 3, to: &deferred)
        expect([[3]], at: 2, from: &deferred)
        expect([[4]], at: 3, from: &deferred)
        #expect(deferred.isEmpty)
    }

    private func append(_ byte: UInt8, after count: UInt64, to deferred: inout DeferredRequests) {
        deferred.append(.request, after: count, [byte].span.bytes)
    }

    private func expect(
        _ expected: [[UInt8]], at count: UInt64, from deferred: inout DeferredRequests,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var all: [[UInt8]] = []
        let bytes = deferred.lendBytes()
        while let entry = deferred.next(at: count) { all.append(Array(bytes[entry.start..<entry.end])) }
        deferred.giveBack(bytes)
        #expect(all == expected, sourceLocation: sourceLocation)
    }
}
