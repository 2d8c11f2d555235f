/// What every reply has to be: the next in order, without error, and of the length its kind has.
struct ReplyCheck {
    /// An error that counts as an answer all the same, such as NodeExists while setting up; else 0.
    var toleratedError: Int32
    /// What a created znode's reply repeats.
    var pathByteCount: Int
    var sizes: RequestSizes

    static let headerByteCount = 16
    static let statByteCount = 68
    /// Type, whether it is the end, error: before each result of a multi, and at its end.
    static let multiHeaderByteCount = 9

    init(tolerating error: Int32 = ServerError.none, pathByteCount: Int, sizes: RequestSizes) {
        toleratedError = error
        self.pathByteCount = pathByteCount
        self.sizes = sizes
    }

    /// What the replies to the requests of this source have to be.
    init(tolerating error: Int32, for source: borrowing RequestSource) {
        self.init(tolerating: error, pathByteCount: source.shape.template.count, sizes: source.sizes)
    }

    /// Checks one reply (without its frame length); it has at least a header's 16 bytes.
    @inline(__always)
    func check(
        _ reply: UnsafeRawBufferPointer, xid: Int32, operation: Operation
    ) throws(LoadFailure) {
        guard let bytes = reply.baseAddress else { return }
        guard bigEndian32(bytes) == xid else {
            throw LoadFailure("a reply out of order: xid \(bigEndian32(bytes)), and \(xid) was due")
        }
        let error = bigEndian32(bytes + 12)
        guard error == ServerError.none else {
            if error == toleratedError { return }
            throw LoadFailure("the server answers error \(error) to \(operation)")
        }
        let body = try bodyByteCount(reply, operation)
        guard reply.count == Self.headerByteCount + body else {
            throw LoadFailure("a reply to \(operation) of \(reply.count) bytes")
        }
    }

    /// How long the body of a reply without error has to be.
    @inline(__always)
    private func bodyByteCount(
        _ reply: UnsafeRawBufferPointer, _ operation: Operation
    ) throws(LoadFailure) -> Int {
        switch operation {
        case .set, .exists: Self.statByteCount
        case .create: 4 + pathByteCount
        case .delete: 0
        case .get: 4 + max(0, try firstInteger(reply)) + Self.statByteCount
        case .children: try childrenByteCount(reply)
        // A refused part has a shorter result, so the length says that none was refused.
        case .multi:
            sizes.multiCount * (Self.multiHeaderByteCount + Self.statByteCount) + Self.multiHeaderByteCount
        }
    }

    /// The names are not looked into; their number is.
    private func childrenByteCount(_ reply: UnsafeRawBufferPointer) throws(LoadFailure) -> Int {
        let count = try firstInteger(reply)
        guard count == sizes.childCount else {
            throw LoadFailure("a reply with \(count) children, not \(sizes.childCount)")
        }
        return 4 + count * (4 + PathShape.childName.utf8.count)
    }

    /// The length or count that a body begins with.
    @inline(__always)
    private func firstInteger(_ reply: UnsafeRawBufferPointer) throws(LoadFailure) -> Int {
        guard let bytes = reply.baseAddress, reply.count >= Self.headerByteCount + 4 else {
            throw LoadFailure("a reply without its data")
        }
        return Int(bigEndian32(bytes + Self.headerByteCount))
    }
}
