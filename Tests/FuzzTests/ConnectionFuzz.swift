import ByteCoding
import Glibc
import Identifiers
import Jute
import Logging
import Simulation
import TestSupport
import Testing

@testable import Server

/// A whole server behind a socket, which gets streams of frames that are valid, changed, or no frames at all.
///
/// Unlike other targets a round finds what earlier rounds left in the tree; the streams depend on the seed
/// alone.
extension FuzzTests {
    @Test func connections() throws {
        let server = try FuzzedServer()
        FuzzRun.target("connection", rounds: 800) { random in
            let socket = try FuzzedServer.Socket(port: server.port)
            var rest = Self.stream(&random)[...]
            while !rest.isEmpty {
                let piece = rest.prefix(random.oneIn(2) ? rest.count : 1 + random.length(below: 400))
                socket.send(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            try Self.demandReplies(socket.answers())
        }
        // Whatever it was sent, it serves the next client, and its tree is what its log says.
        let socket = try FuzzedServer.Socket(port: server.port)
        socket.send(Self.framed(Self.connectRequest(nil)))
        #expect(socket.readToSilence(milliseconds: 500).count == 41)
        #expect(server.mismatchCount() == 0)
    }

    /// A connect request, mostly, and requests behind it; some changed.
    private static func stream(_ random: inout SeededRandom) -> [UInt8] {
        var stream: [UInt8] = []
        if random.oneIn(50) { return random.bytes(random.length(below: 300)) }
        stream += framed(connectRequest(random.oneIn(10) ? random.next() : nil))
        if random.oneIn(20) { Mutation.change(&stream, &random) }
        for xid in 0..<random.below(12) {
            let operation = random.element(of: OperationCode.allCases)
            var body = RequestSamples.body(operation, &random)
            switch random.below(6) {
            case 0: body = RequestSamples.bomb(&random)
            case 1: Mutation.change(&body, &random)
            default: break
            }
            var frame: [UInt8] = []
            frame.append(bigEndian: Int32(xid))
            frame.append(bigEndian: random.oneIn(30) ? Int32(random.below(200) - 20) : operation.rawValue)
            stream += framed(frame + body)
        }
        if random.oneIn(10) { Mutation.change(&stream, &random) }
        return stream
    }

    private static func connectRequest(_ session: UInt64?) -> [UInt8] {
        var bytes: [UInt8] = []
        var request = ConnectRequest(timeout: 4000)
        if let session { request.sessionID.rawValue = Int64(bitPattern: session) }
        request.encode(into: &bytes)
        return bytes
    }

    private static func framed(_ frame: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Int32(frame.count))
        return bytes + frame
    }

    /// What comes back are whole frames, each long enough for a reply's header; or a command's text.
    private static func demandReplies(_ answers: [UInt8]) throws(Violation) {
        var rest = answers[...]
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            // Text of a four-letter word begins with letters, which no reply is long enough for.
            guard length < 1 << 24 else { return }
            try demand(length >= 16, "a reply of \(length) bytes")
            // A connection that ends may cut its last reply.
            guard rest.count - 4 >= length else { return }
            rest = rest.dropFirst(4 + length)
        }
    }
}

/// A server in this process on a directory of its own, and the sockets to it.
private final class FuzzedServer {
    let server: RunningServer
    private let directory: TemporaryDirectory
    private let thread: NamedThread

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = ServerConfiguration(dataDirectory: directory.appending("data"), clientPort: 0)
        configuration.clientAddress = "127.0.0.1"
        configuration.segmentByteCount = 4 << 20
        configuration.admission.connectionsPerAddressMax = 0
        let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        server = try RunningServer(configuration, logger: logger)
        thread = NamedThread.start("server") { [server] in _ = server.runUntilEnd() }
    }

    var port: Int { server.port }

    deinit {
        server.requestStop()
        thread.join()
    }

    /// How often the tree was not what a record says.
    func mismatchCount() -> UInt64? {
        let results = WorkQueue<UInt64>()
        server.core.perform { results.put($0.digestMismatchCount) }
        var taken: [UInt64] = []
        _ = results.takeAll(into: &taken, deadline: nil)
        return taken.first
    }

    final class Socket {
        struct NotConnected: Error {}

        private let descriptor: Int32

        init(port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            // A sockaddr_in, by hand: which module its members are seen through depends on who else imports it.
            let address: [UInt8] = [
                UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xff), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
            ]
            let status = address.withUnsafeBytes {
                $0.withMemoryRebound(to: sockaddr.self) {
                    connect(descriptor, $0.baseAddress, socklen_t(address.count))
                }
            }
            guard status == 0 else { throw NotConnected() }
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8]) {
            _ = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        }

        /// What the server says until it is silent for a moment, and what it says to the end of the connection
        /// once it is told that nothing more comes.
        func answers() -> [UInt8] {
            var answers = readToSilence(milliseconds: 2)
            shutdown(descriptor, Int32(SHUT_WR))
            answers += readToSilence(milliseconds: 5000)
            return answers
        }

        func readToSilence(milliseconds: Int) -> [UInt8] {
            var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var answers: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return answers }
                answers += buffer.prefix(count)
            }
        }
    }
}
