import CSocket
import Glibc

/// The sockets of many sessions that say little each, driven by one thread around one epoll.
///
/// All memory is taken at the start: half a kilobyte of input a session, and no output, as no socket is
/// sent anything before it has answered what it was sent last.
struct SessionPool: ~Copyable {
    enum Stage: UInt8 { case closed, connecting, granting, open }

    private struct Socket {
        var descriptor: Int32 = -1
        var stage = Stage.closed
        var inputStart = 0
        var inputEnd = 0
    }

    private static let inputByteCount = 512
    private static let eventCountMax = 1024
    /// Descriptors that the process needs besides.
    private static let otherDescriptorCount = 64
    /// Fewer than any server's backlog: a connection that finds it full waits a second for its next try.
    private static let openingCountMax = 32
    private static let stallNanoseconds = 60 * nanosecondsPerSecond

    let count: Int
    let servers: [ServerAddress]
    private let poller: Int32
    private let events: UnsafeMutablePointer<csocket_event>
    private let sockets: UnsafeMutablePointer<Socket>
    private let inputs: UnsafeMutableRawPointer
    private let connectRequest = FrameBytes.connect.framed
    /// When something was last received.
    private var lastReceipt = monotonicNanoseconds()

    /// Room for `count` sessions, spread over the servers in turn; none is opened yet.
    init(count: Int, servers: [ServerAddress]) throws(LoadFailure) {
        self.count = count
        self.servers = servers
        poller = csocket_poller()
        events = .allocate(capacity: Self.eventCountMax)
        sockets = .allocate(capacity: count)
        sockets.initialize(repeating: Socket(), count: count)
        inputs = .allocate(byteCount: count * Self.inputByteCount, alignment: 64)
        guard poller >= 0 else { throw LoadFailure("epoll", code: poller) }
        _ = csocket_wake_precisely()
        let status = csocket_allow_descriptors(UInt64(count + Self.otherDescriptorCount))
        guard status == 0 else {
            throw LoadFailure("\(count) sockets (raise `ulimit -Hn`)", code: status)
        }
    }

    deinit {
        for index in 0..<count where sockets[index].descriptor >= 0 {
            _ = csocket_reset(sockets[index].descriptor)
        }
        sockets.deallocate()
        inputs.deallocate()
        events.deallocate()
        _ = csocket_close(poller)
    }

    // MARK: Waiting

    /// Waits until a socket is ready, at most `nanoseconds`; returns how many events there are. A minute
    /// without a word from any server is a failure.
    mutating func wait(nanoseconds: Int64) throws(LoadFailure) -> Int {
        let ready = csocket_wait(poller, events, Int32(Self.eventCountMax), nanoseconds)
        guard ready >= 0 else { throw LoadFailure("epoll_pwait2", code: ready) }
        guard monotonicNanoseconds() - lastReceipt < Self.stallNanoseconds else {
            throw LoadFailure("nothing received in \(Self.stallNanoseconds / nanosecondsPerSecond) s")
        }
        return Int(ready)
    }

    /// The session that event `index` of the last wait is about.
    func session(ofEvent index: Int) -> Int { Int(events[index].index) }

    func stage(_ session: Int) -> Stage { sockets[session].stage }

    // MARK: Opening and closing

    /// Starts to connect; `progress` goes on when the socket is ready.
    mutating func connect(_ session: Int) throws(LoadFailure) {
        let server = servers[session % servers.count]
        let descriptor = csocket_connect_start(server.host, server.port)
        guard descriptor >= 0 else { throw LoadFailure("connect to \(server)", code: descriptor) }
        sockets[session] = Socket(descriptor: descriptor, stage: .connecting)
        var status = csocket_watch(poller, descriptor, Int32(session))
        // On loopback the connection mostly stands already.
        if status == 0, try !sendConnectRequest(session) {
            status = csocket_watch_writes(poller, descriptor, Int32(session), 1)
        }
        guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
    }

    /// Goes on with opening a session whose socket is ready; true when it has just been granted.
    mutating func progress(_ session: Int) throws(LoadFailure) -> Bool {
        if sockets[session].stage == .connecting {
            guard try sendConnectRequest(session) else { return false }
            let status = csocket_watch_writes(poller, sockets[session].descriptor, Int32(session), 0)
            guard status == 0 else { throw LoadFailure("epoll_ctl", code: status) }
            return false
        }
        guard try receive(session) else { throw LoadFailure("the server closed a connection") }
        guard let frame = try nextFrame(session) else { return false }
        guard ServerFrame(frame).isGrant else { throw LoadFailure("the server refused a session") }
        sockets[session].stage = .open
        return true
    }

    /// False while the connection does not stand yet.
    private mutating func sendConnectRequest(_ session: Int) throws(LoadFailure) -> Bool {
        let sent = connectRequest.withUnsafeBytes {
            csocket_send(sockets[session].descriptor, $0.baseAddress, $0.count)
        }
        if sent == -Int64(EAGAIN) { return false }
        guard sent == connectRequest.count else { throw LoadFailure("connect", code: sent) }
        sockets[session].stage = .granting
        return true
    }

    /// Opens all sessions, some at a time.
    mutating func openAll() throws(LoadFailure) {
        lastReceipt = monotonicNanoseconds()
        var startedCount = 0
        var openCount = 0
        while openCount < count {
            while startedCount < count, startedCount - openCount < Self.openingCountMax {
                try connect(startedCount)
                startedCount += 1
            }
            for event in 0..<(try wait(nanoseconds: nanosecondsPerSecond / 10)) {
                let session = session(ofEvent: event)
                guard stage(session) != .open else {
                    throw LoadFailure("a word from the server that nothing asked for")
                }
                if try progress(session) { openCount += 1 }
            }
        }
    }

    /// Ends all sessions in the protocol's way, and waits for the answers.
    consuming func closeAll() throws(LoadFailure) {
        let request = FrameBytes.close(xid: .max).framed
        for session in 0..<count { try send(request, on: session) }
        try awaitReplies(xid: .max, from: count)
    }

    /// Receives until `sessionCount` requests with this xid have been answered.
    mutating func awaitReplies(xid: Int32, from sessionCount: Int) throws(LoadFailure) {
        lastReceipt = monotonicNanoseconds()
        var answeredCount = 0
        while answeredCount < sessionCount {
            for event in 0..<(try wait(nanoseconds: nanosecondsPerSecond / 10)) {
                let session = session(ofEvent: event)
                guard stage(session) == .open else { continue }
                let isOpen = try receive(session)
                while let frame = try nextFrame(session) {
                    guard ServerFrame(frame).answers(xid) else { throw LoadFailure("a wrong reply") }
                    answeredCount += 1
                }
                if !isOpen { disconnect(session) }
            }
        }
    }

    /// Closes the socket at once.
    mutating func disconnect(_ session: Int) {
        _ = csocket_reset(sockets[session].descriptor)
        sockets[session] = Socket()
    }

    // MARK: Talking

    /// Sends a frame whole. It is small, and its socket has answered all that it was sent before.
    func send(_ frame: [UInt8], on session: Int) throws(LoadFailure) {
        let sent = frame.withUnsafeBytes {
            csocket_send(sockets[session].descriptor, $0.baseAddress, $0.count)
        }
        guard sent >= 0 else { throw LoadFailure("send", code: sent) }
        guard sent == frame.count else { throw LoadFailure("a socket took only a part of a request") }
    }

    /// Receives once; false when the server has closed the connection.
    mutating func receive(_ session: Int) throws(LoadFailure) -> Bool {
        let input = inputs + session * Self.inputByteCount
        let end = sockets[session].inputEnd
        let received = csocket_receive(sockets[session].descriptor, input + end, Self.inputByteCount - end)
        if received == -Int64(EAGAIN) { return true }
        guard received >= 0 else { throw LoadFailure("receive", code: received) }
        sockets[session].inputEnd += Int(received)
        lastReceipt = monotonicNanoseconds()
        return received > 0
    }

    /// The next whole frame that came, without its length; nil when there is none. Good until the next
    /// call for this session.
    mutating func nextFrame(_ session: Int) throws(LoadFailure) -> UnsafeRawBufferPointer? {
        let input = inputs + session * Self.inputByteCount
        let start = sockets[session].inputStart
        let available = sockets[session].inputEnd - start
        if available >= 4 {
            let byteCount = Int(bigEndian32(input + start))
            guard (16...Self.inputByteCount - 4).contains(byteCount) else {
                throw LoadFailure("a reply of \(byteCount) bytes")
            }
            if available - 4 >= byteCount {
                sockets[session].inputStart += 4 + byteCount
                return UnsafeRawBufferPointer(start: input + start + 4, count: byteCount)
            }
        }
        if start > 0 { memmove(input, input + start, available) }
        sockets[session].inputStart = 0
        sockets[session].inputEnd = available
        return nil
    }
}
