import CSocket
import Glibc

/// Answers every request at once without doing anything but telling all watchers of each set. One thread;
/// what a socket has sent is answered with one send.
struct NullServer: ~Copyable {
    private static let eventCountMax = 256
    private static let listenerIndex: Int32 = -1
    private static let statByteCount = 68
    private static let descriptorCount: UInt64 = 10_500
    private static let closeType: Int32 = -11
    private static let inputByteCount = 2 << 20

    /// What is known of one socket.
    private struct Client {
        /// The start of a frame whose rest has not come yet.
        var partial: [UInt8] = []
        var hasSession = false
    }

    private let listener: Int32
    private let poller: Int32
    private let valueByteCount: Int
    private let failAt: Int?
    private var requestCount = 0
    private var clients: [Int32: Client] = [:]
    /// The sockets that have left a watch, on whatever znode, and whether it stays.
    private var watchers: [Int32: Bool] = [:]
    private let input = UnsafeMutableRawPointer.allocate(byteCount: Self.inputByteCount, alignment: 64)
    private var output: [UInt8] = []

    init(port: UInt16, valueByteCount: Int, failAt: Int?) throws(LoadFailure) {
        self.valueByteCount = valueByteCount
        self.failAt = failAt
        // As many as the largest loads of sessions have; smaller ones run with fewer, too.
        _ = csocket_allow_descriptors(Self.descriptorCount)
        listener = csocket_listen("127.0.0.1", port)
        poller = csocket_poller()
        guard listener >= 0 else { throw LoadFailure("listen on port \(port)", code: listener) }
        guard poller >= 0 else { throw LoadFailure("epoll", code: poller) }
        let status = csocket_watch(poller, listener, Self.listenerIndex)
        guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
    }

    /// Answers until the process is ended.
    mutating func serve() throws(LoadFailure) -> Never {
        let events = UnsafeMutablePointer<csocket_event>.allocate(capacity: Self.eventCountMax)
        while true {
            let count = csocket_wait(poller, events, Int32(Self.eventCountMax), nanosecondsPerSecond)
            guard count >= 0 else { throw LoadFailure("epoll_pwait2", code: count) }
            for index in 0..<Int(count) {
                let socket = events[index].index
                if socket == Self.listenerIndex {
                    try accept()
                } else if !answer(socket) {
                    clients[socket] = nil
                    watchers[socket] = nil
                    _ = csocket_close(socket)
                }
            }
        }
    }

    private mutating func accept() throws(LoadFailure) {
        let socket = csocket_accept(listener)
        guard socket >= 0 else { return }
        // Sends wait for room; receives are called only when there is something.
        var status = csocket_set_blocking(socket, 1)
        if status == 0 { status = csocket_watch(poller, socket, socket) }
        guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
        clients[socket] = Client()
    }

    /// Answers all whole frames that a socket has sent; false when the socket is to be closed.
    private mutating func answer(_ socket: Int32) -> Bool {
        guard var client = clients[socket] else { return false }
        let kept = client.partial.count
        client.partial.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { memcpy(input, start, kept) }
        }
        let received = csocket_receive(socket, input + kept, Self.inputByteCount - kept)
        guard received > 0 else { return false }
        let byteCount = kept + Int(received)
        var offset = 0
        var isEnding = false
        output.removeAll(keepingCapacity: true)
        while byteCount - offset >= 4 {
            let length = Int(bigEndian32(input + offset))
            guard length >= 8, length <= Self.inputByteCount - 4 else { return false }
            guard byteCount - offset - 4 >= length else { break }
            let frame = UnsafeRawBufferPointer(start: input + offset + 4, count: length)
            if client.hasSession { reply(to: frame, from: socket) } else { grant() }
            isEnding = isEnding || client.hasSession && bigEndian32(input + offset + 8) == Self.closeType
            client.hasSession = true
            offset += 4 + length
        }
        client.partial = [UInt8](UnsafeRawBufferPointer(start: input + offset, count: byteCount - offset))
        clients[socket] = client
        return Self.send(output, to: socket) && !isEnding
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            var done = 0
            while done < bytes.count {
                let sent = csocket_send(socket, start + done, bytes.count - done)
                guard sent > 0 else { return false }
                done += Int(sent)
            }
            return true
        }
    }

    /// Answers a connect request: 40 s, session 1.
    private mutating func grant() {
        append(Int32(37))
        append(Int32(0))
        append(Int32(40_000))
        append(Int64(1))
        append(Int32(16))
        output.append(contentsOf: repeatElement(0, count: 17))
    }

    /// Answers a request (of at least 8 bytes) as a server would that has every znode.
    private mutating func reply(to frame: UnsafeRawBufferPointer, from socket: Int32) {
        guard let bytes = frame.baseAddress else { return }
        requestCount += 1
        let xid = bigEndian32(bytes)
        let type = bigEndian32(bytes + 4)
        guard requestCount != failAt else {
            return appendHeader(xid, error: ServerError.noNode, bodyByteCount: 0)
        }
        noteWatch(type, frame, from: socket)
        switch Operation(rawValue: UInt8(truncatingIfNeeded: type)) {
        case .create where frame.count >= 12:
            let path = max(0, min(Int(bigEndian32(bytes + 8)), frame.count - 12))
            appendHeader(xid, bodyByteCount: 4 + path)
            output.append(contentsOf: UnsafeRawBufferPointer(start: bytes + 8, count: 4 + path))
        case .get:
            appendHeader(xid, bodyByteCount: 4 + valueByteCount + Self.statByteCount)
            append(Int32(valueByteCount))
            output.append(contentsOf: repeatElement(0, count: valueByteCount + Self.statByteCount))
        case .set, .exists:
            appendHeader(xid, bodyByteCount: Self.statByteCount)
            output.append(contentsOf: repeatElement(0, count: Self.statByteCount))
        default:
            appendHeader(xid, bodyByteCount: 0)
        }
    }

    /// Remembers a watch that a request leaves, and tells the watchers when it is a set.
    private mutating func noteWatch(_ type: Int32, _ frame: UnsafeRawBufferPointer, from socket: Int32) {
        if type == FrameBytes.addWatchType { watchers[socket] = true }
        if type == Int32(Operation.get.rawValue), frame.last == 1 { watchers[socket] = false }
        guard type == Int32(Operation.set.rawValue), !watchers.isEmpty, frame.count >= 12 else { return }
        let pathByteCount = max(
            0, min(Int(frame.loadUnaligned(fromByteOffset: 8, as: Int32.self).bigEndian), frame.count - 12))
        let event = ServerFrame.change(of: Array(frame[12..<12 + pathByteCount])).framed
        for (watcher, isPersistent) in watchers {
            if !isPersistent { watchers[watcher] = nil }
            // A watcher that has gone is found out when its socket is read.
            _ = Self.send(event, to: watcher)
        }
    }

    private mutating func appendHeader(
        _ xid: Int32, error: Int32 = ServerError.none, bodyByteCount: Int
    ) {
        append(Int32(16 + bodyByteCount))
        append(xid)
        append(Int64(requestCount))
        append(error)
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { output.append(contentsOf: $0) }
    }
}
