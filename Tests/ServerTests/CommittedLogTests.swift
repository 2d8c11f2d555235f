import Disk
import Glibc
import Identifiers
import Jute
import Metadata
import Testing
import TransactionLog

@testable import Server

/// What a server's log shows to those who read beside it.
@Suite(.serialized) struct CommittedLogTests {
    private let disk = KernelDisk(syncMode: .bufferedThenSync)

    @Test(arguments: [false, true])
    func aCommittedCursorFollowsWhatIsAcknowledged(syncsInline: Bool) throws {
        let server = try TestServer { $0.syncsLoneWritesInline = syncsInline }
        let tail = try #require(server.onCore { $0.logTail })
        let cursor = LogCursor(after: .zero, mode: .committed, tail: tail, on: disk)
        let client = try TestClient(port: server.port)
        var read: [Int64] = []
        for round in 0..<5 {
            for index in 0..<20 {
                client.queue(OperationCode.create.rawValue, TestClient.create("/n\(round)-\(index)"))
            }
            client.flush()
            var last: Int64 = 0
            for _ in 0..<20 { last = try client.readReply().zxid }
            // What is answered is committed: nothing needs to be waited for.
            while let slice = try cursor.next() {
                slice.forEachRecord { zxid, _ in read.append(zxid.rawValue) }
            }
            #expect(read.last == last)
            #expect(tail.committed == tail.durableEnd.lastZxid)
        }
        #expect(read == Array(1...101), "the session and a hundred nodes")
    }

    /// The counter of zxids is used up: the next epoch begins by itself.
    @Test(arguments: [false, true])
    func theEpochBehindTheLastCounterStandsInTheSlots(syncsInline: Bool) throws {
        let first = try TestServer { $0.syncsLoneWritesInline = syncsInline }
        let last = Zxid(epoch: Epoch(rawValue: 0), counter: .max - 2)
        _ = first.onCore { $0.lastProposed = last }
        let client = try TestClient(port: first.port)
        let zxids = try (0..<4).map { try client.call(.create, TestClient.create("/n\($0)")).zxid }
        #expect(zxids == [0xffff_ffff, 0x1_0000_0001, 0x1_0000_0002, 0x1_0000_0003])
        let metadata = try MetadataSlots.read(in: first.directory + "/log", on: disk)
        #expect(metadata.currentEpoch == Epoch(rawValue: 1))
        #expect(metadata.acceptedEpoch == Epoch(rawValue: 1))
        #expect(first.stop() == .stopped)
        let second = try TestServer(on: first.place)
        let again = try TestClient(port: second.port)
        for index in 0..<4 { #expect(try again.call(.exists, TestClient.watch("/n\(index)")).error == 0) }
        #expect(try again.call(.create, TestClient.create("/m")).zxid > 0x1_0000_0003)
    }

    @Test func theLockFilesSayWhoHoldsThem() throws {
        let server = try TestServer()
        for name in ["/log/LOCK", "/snap/LOCK"] {
            let path = server.directory + name
            let buffer = AlignedBuffer(byteCount: 4096)
            let count = try disk.open(path, access: .read).read(into: buffer.bytes, at: 0)
            let text = String(decoding: buffer.bytes[..<count], as: UTF8.self)
            #expect(
                text
                    == "zkserver, process \(getpid()), host \(SystemFacts.hostName), boot \(SystemFacts.bootID)\n"
            )
        }
        // A version 4 UUID.
        #expect(SystemFacts.bootID.utf8.count == 36)
        do {
            _ = try TestServer(on: server.place)
            Issue.record("a second server started")
        } catch let error as StartError {
            #expect(error.description.contains("process \(getpid()), host \(SystemFacts.hostName)"))
        }
    }
}
