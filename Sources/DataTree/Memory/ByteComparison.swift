import Glibc

extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same; a call of `memcmp`, where `elementsEqual` goes byte by byte.
    @inline(__always)
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let first = baseAddress, let second = other.baseAddress else { return true }
        return memcmp(first, second, count) == 0
    }
}
