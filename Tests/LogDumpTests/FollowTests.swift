import Foundation
import TestSupport
import Testing

/// What `zklogdump --follow` shows when the log is truncated under it.
@Suite struct FollowTests {
    private let store: Store

    init() throws { store = try Store() }

    private func follow(_ options: String...) throws -> RunningTool {
        try RunningTool(
            "zklogdump", ["--follow"] + options + [store.logPath],
            output: store.directory.appending("output"))
    }

    /// `counter timeout` of each record, `cut zxid` of each line that takes back what stands before it.
    private func shown(by tool: RunningTool, atLeast count: Int) throws -> [String] {
        try tool.lines(atLeast: count).map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            if let cut = object["truncatedAfter"] as? String { return "cut \(cut)" }
            let counter = try #require(object["counter"] as? Int)
            let timeout = try #require(object["timeout"] as? Int)
            return "\(counter) \(timeout)"
        }
    }

    @Test func aLineTakesBackWhatStoodBehindTheCut() throws {
        try store.append(1...2, 3...4, 5...5, timeout: 1)
        let tool = try follow()
        #expect(try tool.lines(atLeast: 5).count == 5)
        try store.truncate(after: 4)
        // The decision alone is not the log's new end: nothing stands there yet.
        Thread.sleep(forTimeInterval: 0.2)
        #expect(try tool.lines().count == 5)
        try store.append(5...6, timeout: 2)
        let lines = try tool.lines(atLeast: 8)
        #expect(lines.count == 8)
        #expect(lines[5] == "truncated after 1.4 0x100000004; the log goes on from there:")
        #expect(lines[6].hasSuffix("0x100000005 0x1001 createSession timeout 2"))
        #expect(lines[7].hasSuffix("0x100000006 0x1001 createSession timeout 2"))
    }

    @Test func theKeptPartOfADividedBatchIsShownAgain() throws {
        try store.append(1...2, 3...6, timeout: 1)
        let tool = try follow("--json")
        #expect(try shown(by: tool, atLeast: 6) == ["1 1", "2 1", "3 1", "4 1", "5 1", "6 1"])
        try store.truncate(after: 4)
        try store.append(5...5, timeout: 2)
        #expect(
            try shown(by: tool, atLeast: 10).dropFirst(6) == ["cut 0x100000002", "3 1", "4 1", "5 2"])
    }

    @Test func aCutInAnEarlierSegmentTakesBackTheSegmentsBehindIt() throws {
        try store.append(1...2, 3...3, timeout: 1)
        try store.append(4...5, timeout: 1)
        try store.append(6...7, timeout: 1)
        let tool = try follow("--json")
        #expect(try shown(by: tool, atLeast: 7).count == 7)
        try store.truncate(after: 2)
        try store.append(3...3, timeout: 2)
        try store.append(4...4, timeout: 2)
        #expect(try shown(by: tool, atLeast: 10).dropFirst(7) == ["cut 0x100000002", "3 2", "4 2"])
    }

    @Test func nothingIsTakenBackThatWasNotWanted() throws {
        try store.append(1...2, 3...4, timeout: 1)
        let tool = try follow("--json", "--from-zxid", "1.4")
        #expect(try shown(by: tool, atLeast: 1) == ["4 1"])
        try store.truncate(after: 2)
        try store.append(3...5, timeout: 2)
        #expect(try shown(by: tool, atLeast: 4).dropFirst() == ["cut 0x100000003", "4 2", "5 2"])
    }

    @Test func aTruncationOfTheWholeLogIsFollowed() throws {
        try store.append(1...3, timeout: 1)
        let tool = try follow("--json")
        #expect(try shown(by: tool, atLeast: 3).count == 3)
        try store.truncate(after: 0)
        try store.append(1...1, timeout: 2)
        #expect(try shown(by: tool, atLeast: 5).dropFirst(3) == ["cut 0x0", "1 2"])
    }
}
