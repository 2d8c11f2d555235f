import DequeModule

/// What a connection asked behind writes of its own that are not answered yet.
///
/// Replies leave in the order of requests, and a read sees the writes before it; so it waits here until
/// they are applied. Requests are kept as bytes, end to end, and taken in the order in which they came.
struct DeferredRequests {
    enum Kind: UInt8 {
        /// A request's frame.
        case request
        /// A finished reply, length included.
        case reply
        /// The same; its zxid is filled in when it leaves, so that it does not go back behind the writes before it.
        case replyWithZxid
        /// The same; the connection closes behind it.
        case replyThenClose
    }

    struct Waiting {
        fileprivate var writeCount: UInt64
        var kind: Kind
        var start: Int
        var end: Int
    }

    private var bytes: [UInt8] = []
    private var entries: Deque<Waiting> = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    /// Bytes of what waits.
    var byteCount: Int { entries.reduce(0) { $0 + $1.end - $1.start } }

    /// Keeps `content` until the connection's first `writeCount` writes are answered.
    mutating func append(_ kind: Kind, after writeCount: UInt64, _ content: RawSpan) {
        let start = bytes.count
        content.withUnsafeBytes { bytes.append(contentsOf: $0) }
        entries.append(Waiting(writeCount: writeCount, kind: kind, start: start, end: bytes.count))
    }

    /// Whether something waits for no more than `writeCount` writes.
    func isReady(at writeCount: UInt64) -> Bool {
        guard let first = entries.first else { return false }
        return first.writeCount <= writeCount
    }

    /// The first entry, if it waits for no more than `writeCount` writes. Its bytes are in `lentBytes`.
    mutating func next(at writeCount: UInt64) -> Waiting? {
        isReady(at: writeCount) ? entries.popFirst() : nil
    }

    /// The bytes of all entries, to be given back before anything is appended.
    mutating func lendBytes() -> [UInt8] {
        var lent: [UInt8] = []
        swap(&lent, &bytes)
        return lent
    }

    mutating func giveBack(_ lent: consuming [UInt8]) {
        bytes = lent
        if entries.isEmpty { bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536) }
    }

    mutating func removeAll() {
        bytes = []
        entries = []
    }
}
