import Identifiers
import Testing

@testable import Sessions

@Suite struct SessionsTests {
    private var sessions = Sessions(
        timeouts: SessionTimeouts(tickMilliseconds: 1000),
        generator: SessionIDGenerator(server: ServerID(rawValue: 1), milliseconds: 0), now: 0)

    private func id(_ value: Int64) -> SessionID { SessionID(rawValue: value) }

    @Test func timeoutsAreClampedToTheBounds() {
        let timeouts = SessionTimeouts(tickMilliseconds: 3000)
        #expect(timeouts.negotiated(1) == 6000)
        #expect(timeouts.negotiated(10_000) == 10_000)
        #expect(timeouts.negotiated(.max) == 60_000)
    }

    @Test mutating func anUntouchedSessionExpiresAtTheTickAfterItsTimeout() {
        sessions.open(id(9), timeoutMilliseconds: 2500, now: 0)
        expectExpired([], at: 2999)
        expectExpired([id(9)], at: 3000)
        expectExpired([], at: 60_000)
    }

    @Test mutating func aTouchBeginsTheTimeAnew() {
        let slot = sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        let touched = touch(slot, now: 2900)
        #expect(touched)
        expectExpired([], at: 4999)
        expectExpired([id(9)], at: 5000)
    }

    @Test mutating func sessionsAreListedByTheMomentAtWhichTheyRunOut() {
        sessions.open(id(1), timeoutMilliseconds: 5000, now: 0)
        let slot = sessions.open(id(2), timeoutMilliseconds: 2000, now: 0)
        sessions.open(id(3), timeoutMilliseconds: 2000, now: 0)
        sessions.close(id(3))
        sessions.open(id(4), timeoutMilliseconds: 2000, now: 0)
        let buckets = sessions.expiryBuckets(listingAtMost: 2)
        #expect(buckets.map(\.milliseconds) == [3000, 6000])
        #expect(buckets.map(\.count) == [2, 1])
        #expect(buckets.flatMap(\.listed).count == 2)
        let before = sessions.expiry(of: slot)
        #expect(before == 3000)
        _ = touch(slot, now: 2000)
        let after = sessions.expiry(of: slot)
        #expect(after == 5000)
    }

    @Test mutating func sessionsExpireEarliestFirst() {
        sessions.open(id(3), timeoutMilliseconds: 5000, now: 0)
        sessions.open(id(1), timeoutMilliseconds: 2000, now: 0)
        sessions.open(id(2), timeoutMilliseconds: 2000, now: 0)
        expectExpired([id(1), id(2), id(3)], at: 10_000)
    }

    @Test mutating func expiryOnlyProposesTheEnd() {
        let slot = sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        expectExpired([id(9)], at: 3000)
        #expect(sessions.contains(id(9)) && sessions.slot(of: id(9)).map(sessions.isUsable) == false)
        let touched = touch(slot, now: 3000)
        #expect(!touched)
        let resumed = resume(id(9), owner: 1, now: 3000)
        #expect(resumed == nil)
        sessions.close(id(9))
        #expect(!sessions.contains(id(9)))
    }

    @Test mutating func aSessionThatIsSparedBeginsItsTimeAnew() {
        sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        sessions.open(id(8), timeoutMilliseconds: 2000, now: 0)
        let resumed = resume(id(9), owner: 7, now: 0)
        #expect(resumed != nil)
        var expired: [SessionID] = []
        sessions.expire(now: 3500, into: &expired) { $0 == 7 }
        #expect(expired == [id(8)])
        expectExpired([], at: 5999)
        expectExpired([id(9)], at: 6000)
    }

    @Test mutating func aShorterTimeoutOnResumeCounts() {
        sessions.open(id(9), timeoutMilliseconds: 20_000, now: 0)
        let resumed = resume(id(9), owner: 1, now: 100)
        #expect(resumed != nil)
        expectExpired([id(9)], at: 3000)
        expectExpired([], at: 30_000)
    }

    @Test mutating func anEarlierBucketDoesNotExpireATouchedSession() {
        let slot = sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        for now in stride(from: Int64(1000), through: 50_000, by: 1000) {
            sessions.touch(slot, now: now)
            expectExpired([], at: now)
        }
        expectExpired([id(9)], at: 53_000)
    }

    @Test mutating func aSlotOfAClosedSessionTouchesNobodyElse() {
        let old = sessions.open(id(1), timeoutMilliseconds: 2000, now: 0)
        sessions.close(id(1))
        sessions.open(id(2), timeoutMilliseconds: 2000, now: 0)
        let touched = touch(old, now: 2900)
        #expect(!touched)
        expectExpired([id(2)], at: 3000)
    }

    @Test mutating func anotherConnectionTakesTheSessionOver() throws {
        sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        let attempt = resume(id(9), owner: 5)
        let first = try #require(attempt)
        #expect(first.previousOwner == 0)
        let secondAttempt = resume(id(9), owner: 6)
        let second = try #require(secondAttempt)
        #expect(second.previousOwner == 5)
        sessions.release(first.slot, by: 5)
        #expect(sessions.owner(of: id(9)) == 6)
        let owner = sessions.close(id(9))
        #expect(owner == 6)
    }

    @Test mutating func newIdentifiersAvoidOpenSessions() {
        let first = sessions.makeID()
        sessions.open(id(first.rawValue + 1), timeoutMilliseconds: 2000, now: 0)
        let second = sessions.makeID()
        #expect(second == id(first.rawValue + 2))
    }

    @Test mutating func theTableSurvivesCoding() throws {
        sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        sessions.open(id(-4), timeoutMilliseconds: 3000, now: 0)
        var bytes: [UInt8] = []
        sessions.encodeTable(into: &bytes)
        let lines = try Sessions.decodeTable(bytes.span.bytes)
        #expect(lines == sessions.table)
        #expect(lines.map(\.id) == [id(-4), id(9)])
    }

    @Test mutating func aTableCutAtAnyByteIsRefused() {
        sessions.open(id(9), timeoutMilliseconds: 2000, now: 0)
        sessions.open(id(4), timeoutMilliseconds: 3000, now: 0)
        var bytes: [UInt8] = []
        sessions.encodeTable(into: &bytes)
        for length in 0..<bytes.count {
            #expect(throws: SessionTableDefect.self) {
                try Sessions.decodeTable(Array(bytes.prefix(length)).span.bytes)
            }
        }
        bytes[0] = 0xff
        #expect(throws: SessionTableDefect.self) { try Sessions.decodeTable(bytes.span.bytes) }
    }

    private mutating func expectExpired(
        _ expected: [SessionID], at now: Int64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var expired: [SessionID] = []
        sessions.expire(now: now, into: &expired)
        #expect(expired == expected, sourceLocation: sourceLocation)
    }

    private mutating func resume(
        _ id: SessionID, owner: Sessions.Owner, now: Int64 = 0
    ) -> (slot: Sessions.Slot, previousOwner: Sessions.Owner)? {
        sessions.resume(id, owner: owner, timeoutMilliseconds: 2000, now: now)
    }

    private mutating func touch(_ slot: Sessions.Slot, now: Int64) -> Bool { sessions.touch(slot, now: now) }
}
