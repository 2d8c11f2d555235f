import ByteCoding
import Jute

/// Frames for clients, appended to the bytes that a connection will send.
extension [UInt8] {
    private static var lengthByteCount: Int { 4 }

    /// Appends a reply's length and header with the length and the error to be filled in; returns where
    /// the reply begins. The body goes behind, then `endReply`.
    @inline(__always)
    mutating func beginReply(xid: Int32, zxid: Int64) -> Int {
        let start = count
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 8) { buffer in
            buffer.storeBytes(of: 0, toByteOffset: 0, as: Int32.self)
            buffer.storeBytes(of: xid.bigEndian, toByteOffset: 4, as: Int32.self)
            buffer.storeBytes(of: zxid.bigEndian, toByteOffset: 8, as: Int64.self)
            buffer.storeBytes(of: 0, toByteOffset: 16, as: Int32.self)
            append(contentsOf: buffer)
        }
        return start
    }

    /// Completes the reply that begins at `start`. With an error there is no body: what was appended goes.
    @inline(__always)
    mutating func endReply(at start: Int, error: ErrorCode = .ok) {
        if error != .ok {
            removeLast(count - start - Self.lengthByteCount - ReplyHeader.byteCount)
            replace(bigEndian: error.rawValue, at: start + 16)
        }
        replace(bigEndian: Int32(truncatingIfNeeded: count - start - Self.lengthByteCount), at: start)
    }

    /// Appends a whole reply.
    mutating func appendReply(xid: Int32, zxid: Int64, error: ErrorCode, body: [UInt8] = []) {
        let start = beginReply(xid: xid, zxid: zxid)
        if error == .ok { append(contentsOf: body) }
        endReply(at: start, error: error)
    }

    /// Writes another zxid into the reply that begins at `start` with its length and its xid.
    mutating func replaceZxid(_ zxid: Int64, ofReplyAt start: Int) {
        replace(bigEndian: zxid, at: start + Self.lengthByteCount + MemoryLayout<Int32>.size)
    }

    /// Appends the answer to a connection's first frame.
    mutating func append(_ response: ConnectResponse) {
        let start = count
        append(bigEndian: Int32(0))
        response.encode(into: &self)
        replace(bigEndian: Int32(truncatingIfNeeded: count - start - Self.lengthByteCount), at: start)
    }

    /// Appends a notification.
    mutating func append(notificationOf type: WatchEventType, path: RawSpan, zxid: Int64) {
        let start = beginReply(xid: RequestHeader.notificationXid, zxid: zxid)
        WatcherEvent.encode(type, path: path, into: &self)
        endReply(at: start)
    }
}
