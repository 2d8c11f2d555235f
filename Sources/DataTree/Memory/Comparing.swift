import Glibc

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes. The library's comparison of sequences goes byte by byte, which
    /// was a fifth of a write's time.
    @inline(__always)
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
        return memcmp(start, otherStart, count) == 0
    }
}
