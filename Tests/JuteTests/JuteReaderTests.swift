import ByteCoding
import Identifiers
import Jute
import Testing

struct JuteReaderTests {
    @Test func nullAndEmptyBuffersAreDifferent() throws {
        let bytes: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]
        var reader = JuteReader(bytes.span.bytes)
        let null = try reader.buffer()
        let empty = try reader.buffer()
        #expect(null.isNull && !empty.isNull)
        #expect(null.bytes.byteCount == 0 && empty.bytes.byteCount == 0)
    }

    @Test(arguments: [Int32(-2), .min])
    func aNegativeLengthOtherThanNullIsRefused(_ length: Int32) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: length)
        #expect(throws: JuteDefect.unreasonableLength(length)) {
            var reader = JuteReader(bytes.span.bytes)
            _ = try reader.string()
        }
    }

    @Test func aLengthPastTheEndIsRefused() {
        let bytes: [UInt8] = [0x7f, 0xff, 0xff, 0xff, 1, 2]
        #expect(throws: JuteDefect.truncated) {
            var reader = JuteReader(bytes.span.bytes)
            _ = try reader.buffer()
        }
    }

    @Test func aCountThatTheBytesCannotHoldIsRefusedBeforeAnythingIsAllocated() {
        let bytes: [UInt8] = [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(throws: JuteDefect.unreasonableLength(.max)) {
            var reader = JuteReader(bytes.span.bytes)
            _ = try reader.accessList()
        }
        #expect(throws: JuteDefect.unreasonableLength(.max)) {
            var reader = JuteReader(bytes.span.bytes)
            _ = try reader.strings()
        }
    }

    @Test func aFailedReadMovesNothing() throws {
        let bytes: [UInt8] = [0, 0, 0, 7]
        var reader = JuteReader(bytes.span.bytes)
        do { _ = try reader.int64() } catch { #expect(error == .truncated) }
        #expect(try reader.int32() == 7)
    }

    /// One well-formed body for each operation that has one.
    static let bodies: [(OperationCode, [UInt8])] = {
        var bodies: [(OperationCode, [UInt8])] = []
        func add(_ operation: OperationCode, _ encode: (inout [UInt8]) -> Void) {
            var bytes: [UInt8] = []
            encode(&bytes)
            bodies.append((operation, bytes))
        }
        add(.create) { CreateRequest.encode("/a", data: [1], acl: [.open], flags: 0, into: &$0) }
        add(.createTTL) { CreateRequest.encode("/a", data: nil, acl: [.open], flags: 5, ttl: 9, into: &$0) }
        add(.setData) { SetDataRequest.encode("/a", data: [1, 2], version: 3, into: &$0) }
        add(.setACL) { SetACLRequest.encode("/a", acl: [.open, .open], version: 3, into: &$0) }
        add(.delete) { PathNumberRequest.encode("/a", 1, into: &$0) }
        add(.exists) { PathWatchRequest.encode("/a", watch: true, into: &$0) }
        add(.sync) { PathRequest.encode("/a", into: &$0) }
        add(.auth) { AuthRequest.encode(scheme: "digest", data: [1], into: &$0) }
        add(.setWatches) {
            SetWatchesRequest.encode(
                relativeZxid: 1, data: ["/a"], exist: [], child: ["/b", "/c"], into: &$0)
        }
        add(.setWatches2) {
            SetWatchesRequest.encode(
                relativeZxid: 1, data: [], exist: [], child: [], persistent: ["/a"],
                persistentRecursive: [""],
                into: &$0)
        }
        add(.multi) {
            MultiHeader(type: 2, error: -1).encode(into: &$0)
            PathNumberRequest.encode("/a", 1, into: &$0)
            MultiHeader.end.encode(into: &$0)
        }
        return bodies
    }()

    @Test func everyBodyIsReadWholeAndNoPartOfItIs() throws {
        for (operation, body) in Self.bodies {
            var reader = JuteReader(body.span.bytes)
            try operation.checkBody(&reader)
            #expect(reader.remainingByteCount == 0, "\(operation)")
            for end in 0..<body.count {
                let part = Array(body[..<end])
                #expect(throws: JuteDefect.self, "\(operation) of \(end) bytes") {
                    var reader = JuteReader(part.span.bytes)
                    try operation.checkBody(&reader)
                }
            }
        }
    }

    @Test func noiseIsReadOrRefusedButNeverTraps() {
        var state: UInt64 = 1
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        for round in 0..<20_000 {
            // Small numbers are likely, so that lengths and counts are now and then right.
            let noise = (0..<Int(next() & 63)).map { _ in next() & (next() & 1 == 0 ? 3 : 255) }
            let operation = OperationCode.allCases[round % OperationCode.allCases.count]
            do throws(JuteDefect) {
                var reader = JuteReader(noise.span.bytes)
                try operation.checkBody(&reader)
            } catch {}
            do throws(JuteDefect) {
                var reader = JuteReader(noise.span.bytes)
                try operation.checkTransaction(&reader)
            } catch {}
        }
    }
}
