import Glibc

extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same; a call of `memcmp`, where `elementsEqual` goes byte by byte.
    @inline(__always)
    func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let first = baseAddress, let second = other.baseAddress else { return true }
        return memcmp(first, second, count) == 0
    }

    /// Whether the bytes come before others, or are their beginning; likewise, where
    /// `lexicographicallyPrecedes` goes byte by byte.
    @inline(__always)
    func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
        if let first = baseAddress, let second = other.baseAddress {
            let order = memcmp(first, second, Swift.min(count, other.count))
            if order != 0 { return order < 0 }
        }
        return count < other.count
    }
}

extension [[UInt8]] {
    /// Sorts paths by their bytes: a session may own a million of them.
    mutating func sortByBytes() {
        sort { one, other in
            one.withUnsafeBytes { one in other.withUnsafeBytes { one.precedes($0) } }
        }
    }
}
