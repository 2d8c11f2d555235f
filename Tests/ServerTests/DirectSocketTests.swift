import Glibc
import Testing

@testable import Server

/// What is handed to the kernel past the channel.
@Suite struct DirectSocketTests {
    /// Two ends of a connection over the loopback interface.
    private struct Pair {
        let server: CInt
        let client: CInt

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            // A sockaddr_in of 127.0.0.1 and any port.
            var address: [UInt8] = [UInt8(AF_INET), 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
            var byteCount = socklen_t(address.count)
            var status = address.withUnsafeMutableBytes { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) {
                    bind(listener, $0.baseAddress, byteCount) | listen(listener, 1)
                        | getsockname(listener, $0.baseAddress, &byteCount)
                }
            }
            status |= address.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: sockaddr.self) { connect(client, $0.baseAddress, byteCount) }
            }
            self.client = client
            server = accept(listener, nil, nil)
            close(listener)
            try #require(status == 0 && server >= 0)
        }

        /// What the client receives at once or within `milliseconds`; nil if nothing comes, empty at the end.
        func received(milliseconds: CInt) -> [UInt8]? {
            var poll = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, milliseconds) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(client, &bytes, bytes.count, 0)
            return Array(bytes.prefix(max(0, count)))
        }
    }

    @Test func whatIsSentArrives() throws {
        let pair = try Pair()
        defer { [pair.server, pair.client].forEach { _ = close($0) } }
        #expect(DirectSocket(pair.server).send([1, 2, 3]) == 3)
        #expect(pair.received(milliseconds: 5000) == [1, 2, 3])
    }

    @Test func theLastBytesArriveWithTheEnd() throws {
        let pair = try Pair()
        defer { _ = close(pair.client) }
        #expect(DirectSocket(pair.server).send([1, 2, 3], isLast: true) == 3)
        // The kernel gives up waiting after 200 ms.
        #expect(pair.received(milliseconds: 20) == nil)
        close(pair.server)
        #expect(pair.received(milliseconds: 5000) == [1, 2, 3])
        #expect(pair.received(milliseconds: 5000) == [])
    }

    /// The kernel answers what nobody reads with a reset, and drops what it has not sent by then.
    @Test func theLastBytesDoNotWaitWhereTheEndWouldDropThem() throws {
        let pair = try Pair()
        defer { _ = close(pair.client) }
        #expect(send(pair.client, [9], 1, 0) == 1)
        #expect(DirectSocket(pair.server).send([1, 2, 3], isLast: true) == 3)
        close(pair.server)
        #expect(pair.received(milliseconds: 5000) == [1, 2, 3])
    }

    @Test func whatTheKernelDoesNotTakeIsLeft() throws {
        let pair = try Pair()
        defer { _ = close(pair.server) }
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        let socket = DirectSocket(pair.server)
        var pieceCount = 0
        while socket.send(piece) == piece.count, pieceCount < 1000 { pieceCount += 1 }
        #expect(pieceCount < 1000)
        #expect(socket.send([1]) <= 1)
        close(pair.client)
        while socket.send([1]) > 0 {}
        #expect(socket.send([1]) == 0)
    }

    @Test func nothingOvertakesWhatTheChannelHas() {
        var socket = DirectSocket(0)
        #expect(socket.mayBeWritten)
        socket.beginChannelWrite()
        socket.beginChannelWrite()
        socket.endChannelWrite()
        #expect(!socket.mayBeWritten)
        socket.endChannelWrite()
        #expect(socket.mayBeWritten)
        socket.forget()
        #expect(!socket.mayBeWritten && !socket.countsChannelWrites)
        #expect(!DirectSocket(-1).mayBeWritten)
    }
}
