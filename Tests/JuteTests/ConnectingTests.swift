import Identifiers
import Jute
import Testing

struct ConnectingTests {
    @Test func aResponseHas37BytesWithTheReadOnlyFlagAnd36Without() {
        let password = [UInt8](repeating: 1, count: 16)
        var bytes: [UInt8] = []
        ConnectResponse(timeout: 1, sessionID: .none, password: password, isReadOnly: false).encode(
            into: &bytes)
        #expect(bytes.count == 37)
        bytes = []
        ConnectResponse(timeout: 1, sessionID: .none, password: password, isReadOnly: nil).encode(
            into: &bytes)
        #expect(bytes.count == 36)
    }

    @Test func aRequestWithoutTheFlagIsReadAsFromAnOldClient() throws {
        var bytes: [UInt8] = []
        ConnectRequest(timeout: 4000, isReadOnly: nil).encode(into: &bytes)
        var reader = JuteReader(bytes.span.bytes)
        #expect(try ConnectRequest(from: &reader).isReadOnly == nil)
        bytes.append(1)
        reader = JuteReader(bytes.span.bytes)
        #expect(try ConnectRequest(from: &reader).isReadOnly == true)
    }
}
