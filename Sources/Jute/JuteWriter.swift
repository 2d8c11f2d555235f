import ByteCoding

/// Jute fields appended to bytes. Integers go in with `append(bigEndian:)`.
extension [UInt8] {
    @inlinable
    package mutating func append(jute value: Bool) { append(value ? 1 : 0) }

    /// A string's bytes behind their length.
    @inlinable
    package mutating func append(juteString bytes: RawSpan) {
        append(bigEndian: Int32(truncatingIfNeeded: bytes.byteCount))
        append(bytes)
    }

    @inlinable
    package mutating func append(juteString text: String) {
        append(bigEndian: Int32(truncatingIfNeeded: text.utf8.count))
        append(contentsOf: text.utf8)
    }

    @inlinable
    package mutating func append(juteBuffer bytes: [UInt8]?) {
        append(bigEndian: bytes.map { Int32(truncatingIfNeeded: $0.count) } ?? -1)
        if let bytes { append(contentsOf: bytes) }
    }

    package mutating func append(juteStrings texts: [String]) {
        append(bigEndian: Int32(truncatingIfNeeded: texts.count))
        for text in texts { append(juteString: text) }
    }
}
