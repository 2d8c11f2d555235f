import ByteCoding

/// Why bytes are not the record they should be. A client is answered MarshallingError (-5).
package enum JuteDefect: Error, Equatable {
    /// A field needs more bytes than are left.
    case truncated
    /// A length or count is negative (other than -1 for null) or more than the bytes left can hold.
    case unreasonableLength(Int32)
    /// A field that cannot be null is.
    case missing
    /// A multi's item asks for a kind of node that cannot be asked for there.
    case unknownFlags(Int32)
    /// An operation code that has no such record, or not in this place.
    case unknownType(Int32)
}

/// Reads Jute fields, front to back. Strings and buffers are slices of the input; nothing is allocated.
///
/// Every length is checked against the bytes that are left, so no field can promise more than there is.
/// Strings are bytes here: whoever needs text validates it. Bytes after a record are ignored, as
/// ZooKeeper does.
package struct JuteReader: ~Escapable {
    @usableFromInline let bytes: RawSpan
    /// How many bytes have been read.
    @usableFromInline var position: Int

    @inlinable
    @_lifetime(copy bytes)
    package init(_ bytes: RawSpan) { self.init(bytes, position: 0) }

    @inlinable
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, position: Int) {
        self.bytes = bytes
        self.position = position
    }

    @inlinable
    package var remainingByteCount: Int { bytes.byteCount &- position }

    /// How many bytes have been read.
    @inlinable
    package var offset: Int { position }

    // The three widths are written out, because a generic one is not specialised across modules.

    @inlinable
    package mutating func int32() throws(JuteDefect) -> Int32 {
        guard remainingByteCount >= 4 else { throw .truncated }
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Int32.self)
        position &+= 4
        return Int32(bigEndian: value)
    }

    @inlinable
    package mutating func int64() throws(JuteDefect) -> Int64 {
        guard remainingByteCount >= 8 else { throw .truncated }
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Int64.self)
        position &+= 8
        return Int64(bigEndian: value)
    }

    @inlinable
    package mutating func uint8() throws(JuteDefect) -> UInt8 {
        guard remainingByteCount >= 1 else { throw .truncated }
        let value = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
        position &+= 1
        return value
    }

    @inlinable
    package mutating func bool() throws(JuteDefect) -> Bool {
        try uint8() != 0
    }

    /// A string's UTF-8 bytes, unvalidated; null reads as empty, which no rule treats differently.
    @inlinable
    @_lifetime(copy self)
    package mutating func string() throws(JuteDefect) -> RawSpan {
        let byteCount = try length()
        return try slice(max(0, byteCount))
    }

    /// A path's bytes, unvalidated. Null is no path, not even the empty one.
    @inlinable
    @_lifetime(copy self)
    package mutating func path() throws(JuteDefect) -> RawSpan {
        let byteCount = try length()
        guard byteCount >= 0 else { throw .missing }
        return try slice(byteCount)
    }

    /// A buffer's bytes. Null and empty are different on the wire and stay so.
    @inlinable
    @_lifetime(copy self)
    package mutating func buffer() throws(JuteDefect) -> JuteBuffer {
        let byteCount = try length()
        let isNull = byteCount < 0
        return JuteBuffer(bytes: try slice(max(0, byteCount)), isNull: isNull)
    }

    /// A vector's item count; null reads as nil. No item is smaller than `itemByteCountMin`, so a
    /// count that the bytes left cannot hold is refused before anybody allocates for it.
    @inlinable
    package mutating func itemCount(itemByteCountMin: Int) throws(JuteDefect) -> Int? {
        let count = try int32()
        if count == -1 { return nil }
        guard count >= 0, Int(count) <= remainingByteCount / itemByteCountMin else {
            throw .unreasonableLength(count)
        }
        return Int(count)
    }

    /// A vector of strings, checked whole.
    @inlinable
    @_lifetime(copy self)
    package mutating func strings() throws(JuteDefect) -> JuteStrings {
        let count = try itemCount(itemByteCountMin: 4) ?? 0
        var ahead = copy()
        let start = ahead.offset
        for _ in 0..<count { _ = try ahead.string() }
        return JuteStrings(count: count, encoded: try slice(ahead.offset - start))
    }

    /// A second reader at the same place.
    @inlinable
    @_lifetime(copy self)
    package func copy() -> JuteReader { JuteReader(bytes, position: position) }

    @inlinable
    mutating func length() throws(JuteDefect) -> Int {
        let byteCount = try int32()
        guard byteCount >= -1 else { throw .unreasonableLength(byteCount) }
        guard Int(byteCount) <= remainingByteCount else { throw .truncated }
        return Int(byteCount)
    }

    @inlinable
    @_lifetime(copy self)
    package mutating func slice(_ byteCount: Int) throws(JuteDefect) -> RawSpan {
        guard byteCount >= 0, byteCount <= remainingByteCount else { throw .truncated }
        let start = position
        position &+= byteCount
        return bytes.extracting(start..<start &+ byteCount)
    }
}

/// A buffer field: bytes of the input, or null.
package struct JuteBuffer: ~Escapable {
    package let bytes: RawSpan
    package let isNull: Bool

    @inlinable
    @_lifetime(copy bytes)
    package init(bytes: RawSpan, isNull: Bool = false) {
        self.bytes = bytes
        self.isNull = isNull
    }

    /// Appends the bytes behind their length, which is -1 for null.
    @inlinable
    package func encode(into output: inout [UInt8]) {
        output.append(bigEndian: isNull ? -1 : Int32(truncatingIfNeeded: bytes.byteCount))
        output.append(bytes)
    }
}

/// A vector of strings that has been checked whole; `next` cannot fail.
package struct JuteStrings: ~Escapable {
    /// How many are left.
    package private(set) var count: Int
    @usableFromInline var reader: JuteReader

    @usableFromInline
    @_lifetime(copy encoded)
    init(count: Int, encoded: RawSpan) {
        self.count = count
        reader = JuteReader(encoded)
    }

    /// The next string; nil after the last one.
    @_lifetime(copy self)
    package mutating func next() -> RawSpan? {
        guard count > 0 else { return nil }
        count -= 1
        do { return try reader.string() } catch { return nil }
    }
}
