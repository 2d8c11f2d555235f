/// Paths as bytes. A node's path as it is hashed and digested has no trailing slash, so the root's is empty.
enum Path {
    static let slash = UInt8(ascii: "/")

    /// The path as stored: "/" becomes empty, all others stay.
    @inline(__always)
    @_lifetime(copy path)
    static func stored(_ path: RawSpan) -> RawSpan {
        path.byteCount == 1 && byte(path, 0) == slash ? path.extracting(first: 0) : path
    }

    /// The last slash's offset, -1 if there is none.
    @inline(__always)
    static func lastSlash(_ path: RawSpan) -> Int {
        var index = path.byteCount &- 1
        while index >= 0, byte(path, index) != slash { index &-= 1 }
        return index
    }

    @inline(__always)
    static func byte(_ path: RawSpan, _ offset: Int) -> UInt8 {
        path.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    static func isEqual(_ path: RawSpan, _ other: RawSpan) -> Bool {
        guard path.byteCount == other.byteCount else { return false }
        return path.withUnsafeBytes { a in
            other.withUnsafeBytes { b in a.isEqual(to: b) }
        }
    }

    static func isEqual(_ path: RawSpan, _ text: StaticString) -> Bool {
        guard path.byteCount == text.utf8CodeUnitCount else { return false }
        return hasPrefix(path, text)
    }

    @inline(__always)
    static func hasPrefix(_ path: RawSpan, _ text: StaticString) -> Bool {
        guard path.byteCount >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where byte(path, index) != text.utf8Start[index] {
            return false
        }
        return true
    }

    /// Not part of the tree's digest: ZooKeeper rewrites quota nodes outside of transactions.
    @inline(__always)
    static func isUncounted(_ path: RawSpan) -> Bool { hasPrefix(path, "/zookeeper/") }

    /// Nodes that cannot be deleted.
    static func isReserved(_ path: RawSpan) -> Bool {
        isEqual(path, "/") || path.byteCount == 0 || isEqual(path, "/zookeeper")
            || isEqual(path, "/zookeeper/quota") || isEqual(path, "/zookeeper/config")
    }

    /// No NUL anywhere, and a slash: all that ZooKeeper asks of a path to be created or deleted
    /// before it looks for the parent.
    static func hasParentAndNoNull(_ path: RawSpan) -> Bool {
        var hasSlash = false
        for index in 0..<path.byteCount {
            let byte = byte(path, index)
            if byte == 0 { return false }
            if byte == slash { hasSlash = true }
        }
        return hasSlash
    }
}
