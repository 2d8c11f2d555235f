import ByteCoding
import Glibc
import Identifiers
import Jute

/// A client that does what it is told, over a blocking socket on the loopback interface.
final class TestClient {
    struct Reply: Equatable {
        var xid: Int32
        var zxid: Int64
        var error: Int32
        var body: [UInt8]
    }

    /// The server closed the connection, or said nothing for five seconds.
    struct Ended: Error {}

    private var socket: Int32
    private(set) var response: ConnectResponse?
    private var lastXid: Int32 = 0
    private var unsent: [UInt8] = []

    /// Connects the socket only.
    init(rawTo port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A sockaddr_in, by hand: which module its members are seen through depends on who else imports it.
        let address: [UInt8] = [
            UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xff), 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        let status = address.withUnsafeBytes {
            $0.withMemoryRebound(to: sockaddr.self) {
                connect(socket, $0.baseAddress, socklen_t(address.count))
            }
        }
        guard status == 0 else { throw Ended() }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Connects and opens a session, or resumes one.
    convenience init(
        port: Int, resuming session: ConnectResponse? = nil, timeout: Int32 = 10_000, lastZxidSeen: Int64 = 0
    ) throws {
        try self.init(rawTo: port)
        var request = ConnectRequest(lastZxidSeen: lastZxidSeen, timeout: timeout)
        if let session {
            request.sessionID = session.sessionID
            request.password = session.password
        }
        try connectSession(request)
    }

    deinit { hangUp() }

    /// Sends a connect request and reads its response.
    func connectSession(_ request: ConnectRequest) throws {
        var body: [UInt8] = []
        request.encode(into: &body)
        sendFrame(body)
        let frame = try readFrame()
        var reader = JuteReader(frame.span.bytes)
        response = try ConnectResponse(from: &reader)
    }

    func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// Closes the socket as a program's end does: with unread bytes the kernel resets the connection.
    func close() {
        Glibc.close(socket)
        socket = -1
    }

    /// Sends raw bytes.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    socket, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func sendFrame(_ body: [UInt8]) {
        var frame: [UInt8] = []
        frame.append(bigEndian: Int32(body.count))
        send(frame + body)
    }

    /// Puts a request behind those that `flush` will send; returns its xid.
    @discardableResult
    func queue(_ type: Int32, xid: Int32? = nil, _ body: [UInt8] = []) -> Int32 {
        if xid == nil { lastXid += 1 }
        let xid = xid ?? lastXid
        unsent.append(bigEndian: Int32(8 + body.count))
        unsent.append(bigEndian: xid)
        unsent.append(bigEndian: type)
        unsent += body
        return xid
    }

    func flush() {
        send(unsent)
        unsent = []
    }

    /// Sends a request and reads its reply.
    func call(_ type: OperationCode, xid: Int32? = nil, _ body: [UInt8] = []) throws -> Reply {
        queue(type.rawValue, xid: xid, body)
        flush()
        return try readReply()
    }

    func readReply() throws -> Reply {
        let frame = try readFrame()
        var reader = JuteReader(frame.span.bytes)
        let header = try ReplyHeader(from: &reader)
        return Reply(
            xid: header.xid, zxid: header.zxid, error: header.error.rawValue,
            body: Array(frame.dropFirst(ReplyHeader.byteCount)))
    }

    func readFrame() throws -> [UInt8] {
        let length = try read(4).withUnsafeBytes { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
        return try read(Int(length))
    }

    /// Everything up to the end of the connection.
    func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = recv(socket, &byte, 1, 0)
            if count == 0 { return all }
            // What is left unread at the server's end resets the connection: that is an end as well.
            guard count > 0 else {
                if errno == ECONNRESET { return all }
                throw Ended()
            }
            all.append(byte)
        }
    }

    private func read(_ byteCount: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var found = 0
        while found < byteCount {
            let count = bytes.withUnsafeMutableBytes {
                recv(socket, $0.baseAddress?.advanced(by: found), byteCount - found, 0)
            }
            guard count > 0 else { throw Ended() }
            found += count
        }
        return bytes
    }
}

/// Bodies of requests, and what is in replies.
extension TestClient {
    static func create(_ path: String, _ data: String = "", flags: Int32 = 0) -> [UInt8] {
        var body: [UInt8] = []
        CreateRequest.encode(path, data: Array(data.utf8), acl: [.open], flags: flags, into: &body)
        return body
    }

    static func set(_ path: String, _ data: String, version: Int32 = -1) -> [UInt8] {
        var body: [UInt8] = []
        SetDataRequest.encode(path, data: Array(data.utf8), version: version, into: &body)
        return body
    }

    static func watch(_ path: String, _ watch: Bool = false) -> [UInt8] {
        var body: [UInt8] = []
        PathWatchRequest.encode(path, watch: watch, into: &body)
        return body
    }

    /// The data in a reply to getData.
    static func data(_ reply: Reply) throws -> String {
        var reader = JuteReader(reply.body.span.bytes)
        let buffer = try reader.buffer()
        return buffer.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
