import Testing

@testable import DataTree

@Suite struct ByteComparisonTests {
    @Test func pathsAreSortedByTheirBytes() {
        var paths: [[UInt8]] = [
            [], [0], [0, 0], [0, 1], [1], [0x7f], [0x80], [0xff], [0xff, 0], [2, 0xff, 1], [2],
        ]
        let expected = paths.sorted { $0.lexicographicallyPrecedes($1) }
        for _ in 0..<50 {
            paths.shuffle()
            paths.sortByBytes()
            #expect(paths == expected)
        }
    }
}
