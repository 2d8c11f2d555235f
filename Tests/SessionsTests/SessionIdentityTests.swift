import Identifiers
import Testing

@testable import Sessions

/// The expected values were printed by a program on OpenJDK 17 with java.util.Random and Java's shifts.
@Suite struct SessionIdentityTests {
    @Test func passwordsAreThoseOfJavaUtilRandom() {
        #expect(hex(0x0100_0a5b_3c2d_0000) == "c9bdd98f229619f04f4420c33b589222")
        #expect(hex(1) == "054cc74a37327db215e702e20c73f005")
        #expect(hex(-1) == "20f62cb5648dc2d771471c8a2486a9ee")
        #expect(hex(0x0100_0000_0000_abcd) == "0630ce6bda6e0e1e6a313d3c4d5d18ec")
    }

    @Test func aPasswordMatchesOnlyItself() {
        let password = SessionPassword(for: SessionID(rawValue: 7))
        var other = password.bytes
        #expect(matches(password, other))
        other[15] ^= 1
        #expect(!matches(password, other))
        #expect(!matches(password, Array(other.prefix(15))))
    }

    @Test func identifiersCarryServerAndStartTime() {
        var five = SessionIDGenerator(server: ServerID(rawValue: 5), milliseconds: 1_234_567_890_123)
        expectNext(of: &five, 0x51f_71fb_04cb_0000)
        expectNext(of: &five, 0x51f_71fb_04cb_0001)
        var twoHundred = SessionIDGenerator(server: ServerID(rawValue: 200), milliseconds: 1_234_567_890_123)
        expectNext(of: &twoHundred, Int64(bitPattern: 0xc81f_71fb_04cb_0000))
    }

    @Test func theContainerMarkIsNoIdentifier() {
        var generator = SessionIDGenerator(server: ServerID(rawValue: 128), milliseconds: 0)
        expectNext(of: &generator, .min + 1)
    }

    private func expectNext(
        of generator: inout SessionIDGenerator, _ expected: Int64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let id = generator.next()
        #expect(id.rawValue == expected, sourceLocation: sourceLocation)
    }

    private func matches(_ password: SessionPassword, _ candidate: [UInt8]) -> Bool {
        password.matches(candidate.span.bytes)
    }

    private func hex(_ id: Int64) -> String {
        SessionPassword(for: SessionID(rawValue: id)).bytes
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
