/// Requests that are not part of a pipelined load, encoded one by one.
extension FrameBytes {
    /// What a session asks for: it stays for this long without a word.
    static let sessionTimeoutMilliseconds: Int32 = 40_000
    /// The xid of every ping and its reply.
    static let pingXid: Int32 = -2
    /// The xid of what the server says unasked: watch events.
    static let eventXid: Int32 = -1

    private static let pingType: Int32 = 11
    private static let closeType: Int32 = -11
    static let addWatchType: Int32 = 106

    /// The bytes with their length before them, as they go over the wire.
    var framed: [UInt8] {
        var frame = FrameBytes()
        frame.append(bytes)
        return frame.bytes
    }

    init(xid: Int32, type: Int32) {
        append(xid)
        append(type)
    }

    /// Asks for a new session.
    static var connect: FrameBytes {
        var request = FrameBytes()
        request.append(Int32(0))  // protocol version
        request.append(Int64(0))  // last zxid seen
        request.append(sessionTimeoutMilliseconds)
        request.append(Int64(0))  // a new session
        request.append([UInt8](repeating: 0, count: 16))  // password
        request.append(UInt8(0))  // not read-only
        return request
    }

    static var ping: FrameBytes { FrameBytes(xid: pingXid, type: pingType) }

    static func close(xid: Int32) -> FrameBytes { FrameBytes(xid: xid, type: closeType) }

    /// Reads a znode and leaves a one-shot watch.
    static func getAndWatch(_ path: String, xid: Int32) -> FrameBytes {
        var request = FrameBytes(xid: xid, type: Int32(Operation.get.rawValue))
        request.append(path)
        request.append(UInt8(1))
        return request
    }

    /// Leaves a persistent watch that is not recursive.
    static func addPersistentWatch(_ path: String, xid: Int32) -> FrameBytes {
        var request = FrameBytes(xid: xid, type: addWatchType)
        request.append(path)
        request.append(Int32(0))
        return request
    }

    /// Sets a znode of any version.
    static func set(_ path: String, to value: [UInt8], xid: Int32) -> FrameBytes {
        var request = FrameBytes(xid: xid, type: Int32(Operation.set.rawValue))
        request.append(path)
        request.append(value)
        request.append(Int32(-1))
        return request
    }
}

/// What the server says, without its length, as far as loads of many sessions look into it.
struct ServerFrame {
    private static let grantByteCountMin = 36
    private static let headerByteCount = 16
    /// Header, type, state and the path's length.
    private static let eventByteCountMin = 28
    static let dataChanged: Int32 = 3
    private static let connected: Int32 = 3

    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Whether this answer to a connect request grants a session.
    var isGrant: Bool { bytes.count >= Self.grantByteCountMin && integer(at: 4) > 0 }

    var xid: Int32 { integer(at: 0) }

    /// Whether this is the reply to the request with this xid, and has no error.
    func answers(_ xid: Int32) -> Bool {
        bytes.count >= Self.headerByteCount && self.xid == xid && integer(at: 12) == ServerError.none
    }

    /// Whether this is the event that the data of the znode at `path` has changed.
    func isChange(of path: [UInt8]) -> Bool {
        bytes.count == Self.eventByteCountMin + path.count && xid == FrameBytes.eventXid
            && integer(at: 12) == ServerError.none && integer(at: 16) == Self.dataChanged
            && integer(at: 20) == Self.connected && Int(integer(at: 24)) == path.count
            && bytes[Self.eventByteCountMin...].elementsEqual(path)
    }

    /// The event that the data of the znode at `path` has changed, as a server sends it.
    static func change(of path: [UInt8]) -> FrameBytes {
        var frame = FrameBytes()
        frame.append(FrameBytes.eventXid)
        frame.append(Int64(-1))
        frame.append(ServerError.none)
        frame.append(dataChanged)
        frame.append(connected)
        frame.append(path)
        return frame
    }

    private func integer(at offset: Int) -> Int32 {
        guard let start = bytes.baseAddress, offset + 4 <= bytes.count else { return 0 }
        return bigEndian32(start + offset)
    }
}
