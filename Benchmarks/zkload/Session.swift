import ArgumentParser

/// Where a server listens, a numeric IPv4 address and a port, and whether it speaks TLS there.
struct ServerAddress: ExpressibleByArgument, CustomStringConvertible {
    var host: String
    var port: UInt16
    /// nil for plain TCP.
    var security: TransportSecurity?

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let port = UInt16(parts[1]), port > 0 else { return nil }
        host = String(parts[0])
        self.port = port
    }

    var description: String { "\(host):\(port)" }
}

/// A session whose calls wait for their replies: for what comes before and after the load.
struct Session: ~Copyable {
    private static let frameByteCountMax = 1 << 20
    private let wire: Wire
    private var lastXid: Int32 = 0

    /// Connects and waits until the server has granted the session.
    static func open(_ server: ServerAddress) throws(LoadFailure) -> Session {
        let session = Session(over: try Wire(to: server))
        try session.send(FrameBytes.connect)
        let answer = try session.receive()
        guard answer.count >= 36, integer(answer, at: 4) > 0 else {
            throw LoadFailure("\(server) refused a session")
        }
        return session
    }

    private init(over wire: Wire) { self.wire = wire }

    deinit { wire.close() }

    /// Creates a znode with no data; false when it was there already.
    mutating func create(_ path: String) throws(LoadFailure) -> Bool {
        var body = FrameBytes()
        body.append(path)
        body.append(Int32(0))
        body.appendOpenACL()
        body.append(Int32(0))
        let error = try call(Operation.create.rawValue, body)
        guard error == ServerError.none || error == ServerError.nodeExists else {
            throw LoadFailure("create \(path): the server answers error \(error)")
        }
        return error == ServerError.none
    }

    mutating func exists(_ path: String) throws(LoadFailure) -> Bool {
        var body = FrameBytes()
        body.append(path)
        body.append(UInt8(0))
        let error = try call(Operation.exists.rawValue, body)
        guard error == ServerError.none || error == ServerError.noNode else {
            throw LoadFailure("exists \(path): the server answers error \(error)")
        }
        return error == ServerError.none
    }

    /// Closes the session and waits for the answer, so that nothing of it is left for the server to do.
    static func close(_ wire: Wire, xid: Int32) throws(LoadFailure) {
        try send(FrameBytes.close(xid: xid), to: wire)
        let reply = try receive(from: wire)
        guard reply.count >= 16, integer(reply, at: 0) == xid else {
            throw LoadFailure("a wrong answer to closing the session")
        }
    }

    mutating func close() throws(LoadFailure) {
        lastXid += 1
        try Self.close(wire, xid: lastXid)
    }

    /// Gives the socket of the granted session to a connection; no request was sent on it.
    consuming func takeWire() -> Wire {
        precondition(lastXid == 0, "the session was used already")
        let wire = wire
        discard self
        return wire
    }

    private mutating func call(_ type: UInt8, _ body: FrameBytes) throws(LoadFailure) -> Int32 {
        lastXid += 1
        var request = FrameBytes(xid: lastXid, type: Int32(type))
        request.bytes += body.bytes
        try send(request)
        let reply = try receive()
        guard reply.count >= 16, integer(reply, at: 0) == lastXid else {
            throw LoadFailure("a reply out of order while setting up")
        }
        return integer(reply, at: 12)
    }

    private func send(_ body: FrameBytes) throws(LoadFailure) { try Self.send(body, to: wire) }

    private func receive() throws(LoadFailure) -> [UInt8] { try Self.receive(from: wire) }

    private static func send(_ body: FrameBytes, to wire: Wire) throws(LoadFailure) {
        var rest = body.framed[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { wire.send($0.baseAddress, $0.count) }
            guard sent > 0 else { throw LoadFailure("send", code: sent) }
            rest = rest.dropFirst(Int(sent))
        }
    }

    private static func receive(from wire: Wire) throws(LoadFailure) -> [UInt8] {
        let length = Int(integer(try receive(byteCount: 4, from: wire), at: 0))
        guard length >= 0, length <= frameByteCountMax else {
            throw LoadFailure("a reply of \(length) bytes")
        }
        return try receive(byteCount: length, from: wire)
    }

    private static func receive(byteCount: Int, from wire: Wire) throws(LoadFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var done = 0
        while done < byteCount {
            let received = bytes.withUnsafeMutableBytes { buffer in
                wire.receive(buffer.baseAddress.map { $0 + done }, byteCount - done)
            }
            guard received != 0 else { throw LoadFailure("the server closed the connection") }
            guard received > 0 else { throw LoadFailure("receive", code: received) }
            done += Int(received)
        }
        return bytes
    }
}

/// The big-endian integer at `offset`, which with its four bytes is within `bytes`.
private func integer(_ bytes: [UInt8], at offset: Int) -> Int32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int32($1) }
}
