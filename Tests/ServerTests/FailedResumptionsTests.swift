import NIOCore
import Testing

@testable import Server

@Suite struct FailedResumptionsTests {
    private static func address(_ text: String) throws -> RemoteAddress {
        RemoteAddress(try SocketAddress(ipAddress: text, port: 1))
    }

    @Test func anAddressFailsSoOftenInAMinuteAndNotMore() throws {
        let (one, other) = (try Self.address("10.0.0.1"), try Self.address("10.0.0.2"))
        var failures = FailedResumptions(countMax: 2)
        failures.note(from: one, now: 1000)
        #expect(!failures.isTooMany(from: one, now: 1000))
        failures.note(from: one, now: 60_999)
        #expect(failures.isTooMany(from: one, now: 60_999))
        #expect(!failures.isTooMany(from: other, now: 60_999))
        #expect(!failures.isTooMany(from: one, now: 61_000))
        failures.note(from: one, now: 61_000)
        #expect(!failures.isTooMany(from: one, now: 61_000))
    }

    @Test func addressesOfOneNetworkAreOne() throws {
        var failures = FailedResumptions(countMax: 1)
        failures.note(from: try Self.address("2001:db8::1"), now: 0)
        #expect(failures.isTooMany(from: try Self.address("2001:db8::ffff:2"), now: 0))
        #expect(!failures.isTooMany(from: try Self.address("2001:db8:0:1::1"), now: 0))
        failures.note(from: try Self.address("::ffff:10.0.0.1"), now: 0)
        #expect(failures.isTooMany(from: try Self.address("10.0.0.1"), now: 0))
        #expect(!failures.isTooMany(from: try Self.address("10.0.0.2"), now: 0))
    }

    @Test func withoutALimitNothingIsCounted() throws {
        var failures = FailedResumptions(countMax: 0)
        for _ in 0..<1000 { failures.note(from: try Self.address("10.0.0.1"), now: 0) }
        #expect(!failures.isTooMany(from: try Self.address("10.0.0.1"), now: 0))
    }

    @Test func manyAddressesAreForgottenInsteadOfKept() throws {
        var failures = FailedResumptions(countMax: 1)
        for number in 0..<FailedResumptions.addressCountMax {
            failures.note(from: try Self.address("10.1.\(number / 256).\(number % 256)"), now: 0)
        }
        // One that is counted already takes no more room.
        failures.note(from: try Self.address("10.1.0.0"), now: 0)
        #expect(failures.isTooMany(from: try Self.address("10.1.0.1"), now: 0))
        failures.note(from: try Self.address("10.2.0.0"), now: 0)
        #expect(!failures.isTooMany(from: try Self.address("10.1.0.1"), now: 0))
        #expect(failures.isTooMany(from: try Self.address("10.2.0.0"), now: 0))
    }
}
