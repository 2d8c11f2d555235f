import ByteCoding

/// The body of create, create2, createContainer and createTTL.
package struct CreateRequest: ~Escapable {
    package let path: RawSpan
    package let data: JuteBuffer
    /// The access list, encoded; see `AccessList`.
    package let acl: RawSpan
    /// The kind of node, as it came: 0...6.
    package let flags: Int32
    /// Time to live in milliseconds; -1 unless the operation is createTTL.
    package let ttl: Int64

    @_lifetime(copy reader)
    package init(_ operation: OperationCode, from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.path()
        data = try reader.buffer()
        acl = try reader.accessList()
        flags = try reader.int32()
        ttl = operation == .createTTL ? try reader.int64() : -1
    }

    /// How ZooKeeper understands the request as an item of a multi.
    ///
    /// There a createTTL whose flags ask for no time to live is an ordinary creation by those flags.
    package func meaning(ofItem operation: OperationCode) -> OperationCode {
        operation == .createTTL && flags != 5 && flags != 6 ? .create : operation
    }

    /// What ZooKeeper refuses in a multi before it looks at any item: kinds of node that do not exist or
    /// need a time to live, and a null access list.
    func checkAsItem(_ operation: OperationCode) throws(JuteDefect) {
        if operation == .createTTL { return }
        guard (0...4).contains(flags) else { throw .unknownFlags(flags) }
        var list = JuteReader(acl)
        guard try list.int32() != -1 else { throw .missing }
    }

    /// - Parameter ttl: only for createTTL.
    package static func encode(
        _ path: String, data: [UInt8]?, acl: [AccessEntry], flags: Int32, ttl: Int64? = nil,
        into bytes: inout [UInt8]
    ) {
        bytes.append(juteString: path)
        bytes.append(juteBuffer: data)
        AccessList.encode(acl, into: &bytes)
        bytes.append(bigEndian: flags)
        if let ttl { bytes.append(bigEndian: ttl) }
    }
}

/// The body of setData. A null path reads as an empty one, which is a wrong one to ZooKeeper, too.
package struct SetDataRequest: ~Escapable {
    package let path: RawSpan
    package let data: JuteBuffer
    /// The version the node must have; -1 for any.
    package let version: Int32

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        data = try reader.buffer()
        version = try reader.int32()
    }

    package static func encode(_ path: String, data: [UInt8]?, version: Int32, into bytes: inout [UInt8]) {
        bytes.append(juteString: path)
        bytes.append(juteBuffer: data)
        bytes.append(bigEndian: version)
    }
}

/// The body of setACL. A null path reads as in setData.
package struct SetACLRequest: ~Escapable {
    package let path: RawSpan
    /// The access list, encoded; see `AccessList`.
    package let acl: RawSpan
    /// The access list's version the node must have; -1 for any.
    package let version: Int32

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.string()
        acl = try reader.accessList()
        version = try reader.int32()
    }

    package static func encode(
        _ path: String, acl: [AccessEntry], version: Int32, into bytes: inout [UInt8]
    ) {
        bytes.append(juteString: path)
        AccessList.encode(acl, into: &bytes)
        bytes.append(bigEndian: version)
    }
}

/// A path and a number: delete and check (a version), checkWatches and removeWatches (a watcher
/// type), addWatch (a mode).
package struct PathNumberRequest: ~Escapable {
    package let path: RawSpan
    package let number: Int32

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.path()
        number = try reader.int32()
    }

    package static func encode(_ path: String, _ number: Int32, into bytes: inout [UInt8]) {
        bytes.append(juteString: path)
        bytes.append(bigEndian: number)
    }
}

/// The body of exists, getData, getChildren and getChildren2.
package struct PathWatchRequest: ~Escapable {
    package let path: RawSpan
    package let watch: Bool

    @inlinable
    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        path = try reader.path()
        watch = try reader.bool()
    }

    package static func encode(_ path: String, watch: Bool, into bytes: inout [UInt8]) {
        bytes.append(juteString: path)
        bytes.append(jute: watch)
    }
}

/// A path alone: getACL, getAllChildrenNumber, deleteContainer.
package struct PathRequest: ~Escapable {
    package let path: RawSpan

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) { path = try reader.path() }

    package static func encode(_ path: String, into bytes: inout [UInt8]) { bytes.append(juteString: path) }
}
