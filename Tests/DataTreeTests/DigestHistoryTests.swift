import Identifiers
import Testing

@testable import DataTree

/// The digests that `hash` shows.
@Suite struct DigestHistoryTests {
    @Test func everyRecordWhoseZxidIsAMultipleOf128IsKept() {
        var history = DigestHistory()
        for number in Int64(1)...400 { history.note(Zxid(rawValue: number), UInt64(number)) }
        #expect(history.all.map(\.zxid.rawValue) == [128, 256, 384])
        #expect(history.all.map(\.digest) == [128, 256, 384])
    }

    @Test func theLast1024AreKeptOldestFirst() {
        var history = DigestHistory()
        for number in Int64(1)...1500 { history.note(Zxid(rawValue: number * 128), UInt64(number)) }
        #expect(history.all.map(\.digest) == Array(477...1500))
    }
}
