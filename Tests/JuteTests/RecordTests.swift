import ByteCoding
import Identifiers
import Jute
import Testing

struct RecordTests {
    @Test func aStatHas68BytesInTheOrderOfTheProtocol() throws {
        var stat = Stat()
        stat.czxid = 1
        stat.mzxid = 2
        stat.ctime = 3
        stat.mtime = 4
        stat.version = 5
        stat.cversion = 6
        stat.aversion = 7
        stat.ephemeralOwner = 8
        stat.dataByteCount = 9
        stat.childCount = 10
        stat.pzxid = 11
        var bytes: [UInt8] = []
        stat.encode(into: &bytes)
        #expect(bytes.count == 68)
        let ends = [7, 15, 23, 31, 35, 39, 43, 51, 55, 59, 67]
        #expect(ends.map { bytes[$0] } == Array(1...11))
        var reader = JuteReader(bytes.span.bytes)
        #expect(try Stat(from: &reader) == stat)
    }

    @Test func aTransactionHeaderHas32Bytes() throws {
        let header = TransactionHeader(
            sessionID: SessionID(rawValue: 1), cxid: 2, zxid: Zxid(rawValue: 3), time: 4, type: .setData)
        var bytes: [UInt8] = []
        header.encode(into: &bytes)
        #expect(bytes.count == 32)
        #expect([7, 11, 19, 27, 31].map { bytes[$0] } == [1, 2, 3, 4, 5])
        var reader = JuteReader(bytes.span.bytes)
        #expect(try TransactionHeader(from: &reader) == header)
    }

    @Test func theCreationsOfBefore34HaveNoParentVersion() throws {
        let path = Array("/a".utf8)
        let acl: [UInt8] = [0, 0, 0, 0]
        var bytes: [UInt8] = []
        CreateTransaction.encode(
            .create, path: path.span.bytes, data: JuteBuffer(bytes: path.span.bytes), acl: acl.span.bytes,
            isEphemeral: true, parentCversion: 7, ttl: -1, into: &bytes)
        var reader = JuteReader(bytes.span.bytes)
        #expect(try CreateTransaction(.create, from: &reader).parentCversion == 7)
        bytes.removeLast(4)
        reader = JuteReader(bytes.span.bytes)
        #expect(try CreateTransaction(.create, from: &reader).parentCversion == -1)
    }

    @Test(arguments: [[], ["/a"], ["/a", "/b"]])
    func aClosedSessionsListIsToldFromADigestAlone(_ paths: [String]) throws {
        var list: [UInt8] = []
        CloseSessionTransaction.encode(paths.map { Array($0.utf8) }, into: &list)
        var digest: [UInt8] = []
        TransactionDigest(treeDigest: .max).encode(into: &digest)
        for (bytes, isListed) in [(list, true), (list + digest, true), (digest, false), ([], false)] {
            var reader = JuteReader(bytes.span.bytes)
            let transaction = try CloseSessionTransaction(from: &reader)
            #expect(transaction.isListed == isListed)
            #expect(transaction.paths.count == (isListed ? paths.count : 0))
        }
    }

    @Test func anUnknownTransactionIsRefused() {
        let bytes = [UInt8](repeating: 0x7f, count: 32)
        #expect(throws: JuteDefect.unknownType(0x7f7f_7f7f)) {
            var reader = JuteReader(bytes.span.bytes)
            _ = try TransactionHeader(from: &reader)
        }
    }
}
