extension Connection {
    /// How far a connection has come.
    enum Phase {
        /// Nothing was asked yet.
        case fresh
        /// A new session is on its way to the log.
        case opening
        case open
        /// The end of its session is on its way to the log: nothing more is taken, replies still come.
        case ending
        /// Nothing more is taken; what was written leaves, then the socket closes.
        case closing

        var takesRequests: Bool { self != .ending && self != .closing }
    }

    /// Bytes gathered above which nothing more is taken until they are on their way.
    static let gatheredByteCountMax = 1 << 20
    /// Bytes gathered for a client that does not take them, above which its connection is closed.
    static let unsentByteCountMax = 64 << 20
    /// Requests that wait for writes, above which no further write is taken: the replies to reads between
    /// two writes are made whether the client takes them or not.
    static let deferredCountMax = 32
    /// The longest first frame: a stranger's bytes are not worth more memory. A connect request has 45.
    static let firstFrameByteCountMax = 4096
    /// What is sent in one piece goes through the buffer that all connections share, up to so much.
    static let sharedBufferByteCount = 1 << 16
}
