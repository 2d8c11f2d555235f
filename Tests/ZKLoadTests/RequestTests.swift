import Testing

@testable import zkload

@Suite struct RequestTests {
    /// The bytes of the next request of a source.
    private func next(_ source: inout RequestSource, xid: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: source.requestByteCountMax)
        let byteCount = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { source.writeNext(xid: xid, to: $0).byteCount } ?? 0
        }
        return Array(bytes[..<byteCount])
    }

    @Test func aCreateRequestIsEncodedAsTheProtocolSays() {
        var source = RequestSource(.create, at: .keys, order: .sequential, valueByteCount: 3)
        for _ in 0..<107 { _ = next(&source, xid: 1) }
        let bytes = next(&source, xid: 0x0102_0304)
        var expected = FrameBytes()
        expected.append(Int32(bytes.count - 4))
        expected.append(Int32(0x0102_0304))
        expected.append(Int32(1))
        expected.append("/zkload/p07/node-00000107")
        expected.append(Int32(3))
        expected.bytes += bytes[expected.bytes.count..<expected.bytes.count + 3]
        expected.appendOpenACL()
        expected.append(Int32(0))
        #expect(bytes == expected.bytes)
    }

    @Test func aDeleteRequestHasNoValueAndAnyVersion() {
        var source = RequestSource(
            .delete, .delete, firstPercent: 100, at: .keys, order: .sequential, valueByteCount: 3)
        let bytes = next(&source, xid: 7)
        var expected = FrameBytes()
        expected.append(Int32(bytes.count - 4))
        expected.append(Int32(7))
        expected.append(Int32(2))
        expected.append("/zkload/p00/node-00000000")
        expected.append(Int32(-1))
        #expect(bytes == expected.bytes)
    }

    @Test func aMixIsNineGetsToOneSetOverTheWholeKeySpace() {
        var source = RequestSource(.mixed, at: .keys, order: .random(count: 100), valueByteCount: 10)
        var gets = 0
        var parents: Set<[UInt8]> = []
        for _ in 0..<10_000 {
            let bytes = next(&source, xid: 1)
            if bytes[11] == Operation.get.rawValue { gets += 1 }
            parents.insert(Array(bytes[16..<27]))
        }
        #expect((8800...9200).contains(gets))
        #expect(parents.count == 100)
    }

    @Test func requestsOfAnOpenLoopAreDueEvenlySpacedWhateverHasBeenAnswered() {
        var schedule = ArrivalSchedule(
            began: 1000, end: 1000 + 1_000_000, rate: 10_000, requestCountMax: .max)
        var due: [Int64] = []
        while let next = schedule.due {
            due.append(next)
            schedule.issuedCount += 1
        }
        #expect(due == (0..<10).map { 1000 + $0 * 100_000 })
    }
}

@Suite struct ReplyCheckTests {
    private func reply(xid: Int32, error: Int32 = 0, bodyByteCount: Int) -> [UInt8] {
        var bytes = FrameBytes()
        bytes.append(xid)
        bytes.append(Int64(1))
        bytes.append(error)
        return bytes.bytes + [UInt8](repeating: 0, count: bodyByteCount)
    }

    private func accepts(_ reply: [UInt8], xid: Int32, _ operation: Operation, tolerating: Int32 = 0) -> Bool
    {
        let check = ReplyCheck(toleratedError: tolerating, pathByteCount: 25)
        return reply.withUnsafeBytes { bytes in
            do throws(LoadFailure) {
                try check.check(bytes, xid: xid, operation: operation)
                return true
            } catch {
                return false
            }
        }
    }

    @Test func aReplyInOrderWithoutErrorAndOfItsLengthPasses() {
        #expect(accepts(reply(xid: 5, bodyByteCount: 68), xid: 5, .set))
        #expect(accepts(reply(xid: 5, bodyByteCount: 72), xid: 5, .get))
        #expect(accepts(reply(xid: 5, bodyByteCount: 29), xid: 5, .create))
        #expect(accepts(reply(xid: 5, bodyByteCount: 0), xid: 5, .delete))
    }

    @Test func aReplyOutOfOrderFails() {
        #expect(!accepts(reply(xid: 6, bodyByteCount: 68), xid: 5, .set))
    }

    @Test func anErrorFailsUnlessItIsTolerated() {
        #expect(!accepts(reply(xid: 5, error: -110, bodyByteCount: 0), xid: 5, .create))
        #expect(accepts(reply(xid: 5, error: -110, bodyByteCount: 0), xid: 5, .create, tolerating: -110))
        #expect(!accepts(reply(xid: 5, error: -101, bodyByteCount: 0), xid: 5, .create, tolerating: -110))
    }

    @Test func aReplyOfAnotherLengthFails() {
        #expect(!accepts(reply(xid: 5, bodyByteCount: 67), xid: 5, .set))
        #expect(!accepts(reply(xid: 5, bodyByteCount: 0), xid: 5, .get))
        #expect(!accepts(reply(xid: 5, bodyByteCount: 73), xid: 5, .get))
        #expect(!accepts(reply(xid: 5, bodyByteCount: 68), xid: 5, .delete))
    }
}
