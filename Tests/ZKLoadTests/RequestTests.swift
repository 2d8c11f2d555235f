import Testing

@testable import zkload

@Suite struct RequestTests {
    private let keys = PathShape.keys(valueByteCount: 100)

    /// The bytes of the next request of a source.
    private func next(_ source: inout RequestSource, xid: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: source.requestByteCountMax)
        let byteCount = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { source.writeNext(xid: xid, to: $0).byteCount } ?? 0
        }
        return Array(bytes[..<byteCount])
    }

    @Test func aCreateRequestIsEncodedAsTheProtocolSays() {
        var source = RequestSource(
            .create, at: keys, order: .sequential, sizes: RequestSizes(valueByteCount: 3))
        for _ in 0..<107 { _ = next(&source, xid: 1) }
        let bytes = next(&source, xid: 0x0102_0304)
        var expected = FrameBytes()
        expected.append(Int32(bytes.count - 4))
        expected.append(Int32(0x0102_0304))
        expected.append(Int32(1))
        expected.append("/zkload/p07/v100-00000107")
        expected.append(Int32(3))
        expected.bytes += bytes[expected.bytes.count..<expected.bytes.count + 3]
        expected.appendOpenACL()
        expected.append(Int32(0))
        #expect(bytes == expected.bytes)
    }

    @Test func aDeleteRequestHasNoValueAndAnyVersion() {
        var source = RequestSource(
            .delete, .delete, firstPercent: 100, at: keys, order: .sequential,
            sizes: RequestSizes(valueByteCount: 3))
        let bytes = next(&source, xid: 7)
        var expected = FrameBytes()
        expected.append(Int32(bytes.count - 4))
        expected.append(Int32(7))
        expected.append(Int32(2))
        expected.append("/zkload/p00/v100-00000000")
        expected.append(Int32(-1))
        #expect(bytes == expected.bytes)
    }

    @Test func aMultiIsSetsOfSeveralZnodesBetweenHeadersAndAnEnd() {
        let sizes = RequestSizes(valueByteCount: 3, multiCount: 2)
        var source = RequestSource(.multi, at: keys, order: .sequential, sizes: sizes)
        let bytes = next(&source, xid: 9)
        var expected = FrameBytes()
        expected.append(Int32(bytes.count - 4))
        expected.append(Int32(9))
        expected.append(Int32(14))
        for path in ["/zkload/p00/v100-00000000", "/zkload/p01/v100-00000001"] {
            expected.append(Int32(5))
            expected.append(UInt8(0))
            expected.append(Int32(-1))
            expected.append(path)
            expected.append(Int32(3))
            expected.bytes += bytes[expected.bytes.count..<expected.bytes.count + 3]
            expected.append(Int32(-1))
        }
        expected.append(Int32(-1))
        expected.append(UInt8(1))
        expected.append(Int32(-1))
        #expect(bytes == expected.bytes)
        #expect(source.znodeCount == 2)
    }

    @Test func childrenAreNumberedParentByParent() {
        let shape = PathShape(childrenOf: .parents(childCount: 10), count: 10)
        var source = RequestSource(
            .create, at: shape, order: .sequential, sizes: RequestSizes(valueByteCount: 0))
        var paths: [String] = []
        for _ in 0..<1024 {
            let bytes = next(&source, xid: 1)
            paths.append(String(decoding: bytes[16..<16 + shape.template.count], as: UTF8.self))
        }
        #expect(paths[0] == "/zkload/p00/dir10-00000000/child-00000000")
        #expect(paths[1023] == "/zkload/p02/dir10-00000102/child-00000003")
    }

    @Test func aListingAsksForAZnodeThatHasChildren() {
        let sizes = RequestSizes(valueByteCount: 0, childCount: 10)
        var source = RequestSource(
            .children, at: .parents(childCount: 10), order: .random(count: 1), sizes: sizes)
        var expected = FrameBytes()
        expected.append(Int32(4 + 4 + 4 + 26 + 1))
        expected.append(Int32(3))
        expected.append(Int32(8))
        expected.append("/zkload/p00/dir10-00000000")
        expected.append(UInt8(0))
        #expect(next(&source, xid: 3) == expected.bytes)
    }

    @Test func aMixIsNineGetsToOneSetOverTheWholeKeySpace() {
        var source = RequestSource(
            .mixed, at: keys, order: .random(count: 100), sizes: RequestSizes(valueByteCount: 10))
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
        let check = ReplyCheck(
            tolerating: tolerating, pathByteCount: 25,
            sizes: RequestSizes(valueByteCount: 100, childCount: 3, multiCount: 2))
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

    @Test func aListingPassesWithAllChildrenAndNoOthers() {
        func listing(count: Int32, names: Int) -> [UInt8] {
            var bytes = FrameBytes(bytes: reply(xid: 5, bodyByteCount: 0))
            bytes.append(count)
            for _ in 0..<names { bytes.append("child-00000001") }
            return bytes.bytes
        }
        #expect(accepts(listing(count: 3, names: 3), xid: 5, .children))
        #expect(!accepts(listing(count: 2, names: 2), xid: 5, .children))
        #expect(!accepts(listing(count: 3, names: 2), xid: 5, .children))
        #expect(!accepts(reply(xid: 5, bodyByteCount: 0), xid: 5, .children))
    }

    @Test func aMultiPassesWithAllItsResults() {
        #expect(accepts(reply(xid: 5, bodyByteCount: 2 * 77 + 9), xid: 5, .multi))
        #expect(!accepts(reply(xid: 5, bodyByteCount: 77 + 13 + 9), xid: 5, .multi))
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
