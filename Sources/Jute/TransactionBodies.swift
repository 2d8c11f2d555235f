import ByteCoding

/// A created node: create and create2 with a flag for ephemeral, createContainer, createTTL.
package struct CreateTransaction: ~Escapable {
    package let path: RawSpan
    package let data: JuteBuffer
    package let acl: RawSpan
    package let isEphemeral: Bool
    /// The parent's cversion from now on; -1 in logs older than ZooKeeper 3.4.
    package let parentCversion: Int32
    /// Milliseconds; -1 unless the type is createTTL.
    package let ttl: Int64

    @inlinable
    @_lifetime(copy reader)
    package init(_ type: OperationCode, from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        data = try reader.buffer()
        acl = try reader.accessList()
        switch type {
        case .createTTL:
            isEphemeral = false
            parentCversion = try reader.int32()
            ttl = try reader.int64()
        case .createContainer:
            isEphemeral = false
            parentCversion = try reader.int32()
            ttl = -1
        default:
            isEphemeral = try reader.bool()
            // The record of before 3.4 ends here; ZooKeeper takes the end of bytes for it as well.
            parentCversion = reader.remainingByteCount == 0 ? -1 : try reader.int32()
            ttl = -1
        }
    }

    @inlinable
    package static func encode(
        _ type: OperationCode, path: RawSpan, data: borrowing JuteBuffer, acl: RawSpan, isEphemeral: Bool,
        parentCversion: Int32, ttl: Int64, into bytes: inout [UInt8]
    ) {
        bytes.append(juteString: path)
        data.encode(into: &bytes)
        bytes.append(acl)
        if type == .create || type == .create2 { bytes.append(jute: isEphemeral) }
        bytes.append(bigEndian: parentCversion)
        if type == .createTTL { bytes.append(bigEndian: ttl) }
    }
}

/// A path alone: a deleted node.
package struct DeleteTransaction: ~Escapable {
    package let path: RawSpan

    @inlinable
    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) { path = try reader.string() }

    @inlinable
    package static func encode(path: RawSpan, into bytes: inout [UInt8]) { bytes.append(juteString: path) }
}

/// A node's new data; reconfig's record has the same shape.
package struct SetDataTransaction: ~Escapable {
    package let path: RawSpan
    package let data: JuteBuffer
    /// The node's version from now on.
    package let version: Int32

    @inlinable
    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        data = try reader.buffer()
        version = try reader.int32()
    }

    @inlinable
    package static func encode(
        path: RawSpan, data: borrowing JuteBuffer, version: Int32, into bytes: inout [UInt8]
    ) {
        bytes.append(juteString: path)
        data.encode(into: &bytes)
        bytes.append(bigEndian: version)
    }
}

/// A node's new access list.
package struct SetACLTransaction: ~Escapable {
    package let path: RawSpan
    package let acl: RawSpan
    /// The access list's version from now on.
    package let version: Int32

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        acl = try reader.accessList()
        version = try reader.int32()
    }

    package static func encode(path: RawSpan, acl: RawSpan, version: Int32, into bytes: inout [UInt8]) {
        bytes.append(juteString: path)
        bytes.append(acl)
        bytes.append(bigEndian: version)
    }
}

/// A passed check; changes nothing, stands in multis only.
package struct CheckTransaction: ~Escapable {
    package let path: RawSpan
    package let version: Int32

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        version = try reader.int32()
    }

    package static func encode(path: RawSpan, version: Int32, into bytes: inout [UInt8]) {
        bytes.append(juteString: path)
        bytes.append(bigEndian: version)
    }
}
