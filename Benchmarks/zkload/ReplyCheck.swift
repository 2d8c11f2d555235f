/// What every reply has to be: the next in order, without error, and of the length its kind has.
struct ReplyCheck {
    /// An error that counts as an answer all the same, such as NodeExists while setting up; else 0.
    var toleratedError: Int32 = ServerError.none
    /// What a created znode's reply repeats.
    var pathByteCount: Int

    private static let headerByteCount = 16
    private static let statByteCount = 68

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
        let body: Int
        switch operation {
        case .set, .exists: body = Self.statByteCount
        case .create: body = 4 + pathByteCount
        case .delete: body = 0
        case .get:
            guard reply.count >= Self.headerByteCount + 4 else {
                throw LoadFailure("a reply to get without data")
            }
            body = 4 + max(0, Int(bigEndian32(bytes + Self.headerByteCount))) + Self.statByteCount
        }
        guard reply.count == Self.headerByteCount + body else {
            throw LoadFailure("a reply to \(operation) of \(reply.count) bytes")
        }
    }
}
