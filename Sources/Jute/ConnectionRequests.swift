import ByteCoding

/// The body of auth (xid -4): who the client says it is.
package struct AuthRequest: ~Escapable {
    package let type: Int32
    package let scheme: RawSpan
    package let data: JuteBuffer

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        type = try reader.int32()
        scheme = try reader.string()
        data = try reader.buffer()
    }

    package static func encode(scheme: String, data: [UInt8], into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(0))
        bytes.append(juteString: scheme)
        bytes.append(juteBuffer: data)
    }
}

/// The body of setWatches and setWatches2 (xid -8): what a client that reconnects was watching.
package struct SetWatchesRequest: ~Escapable {
    /// The last zxid the client has seen; what changed after it is reported at once.
    package let relativeZxid: Int64
    package let data: JuteStrings
    package let exist: JuteStrings
    package let child: JuteStrings
    /// Empty for setWatches.
    package let persistent: JuteStrings
    /// Empty for setWatches.
    package let persistentRecursive: JuteStrings

    @_lifetime(copy reader)
    package init(_ operation: OperationCode, from reader: inout JuteReader) throws(JuteDefect) {
        relativeZxid = try reader.int64()
        data = try reader.strings()
        exist = try reader.strings()
        child = try reader.strings()
        if operation == .setWatches2 {
            persistent = try reader.strings()
            persistentRecursive = try reader.strings()
        } else {
            persistent = try reader.noStrings()
            persistentRecursive = try reader.noStrings()
        }
    }

    package static func encode(
        relativeZxid: Int64, data: [String], exist: [String], child: [String],
        persistent: [String]? = nil, persistentRecursive: [String]? = nil, into bytes: inout [UInt8]
    ) {
        bytes.append(bigEndian: relativeZxid)
        bytes.append(juteStrings: data)
        bytes.append(juteStrings: exist)
        bytes.append(juteStrings: child)
        if let persistent { bytes.append(juteStrings: persistent) }
        if let persistentRecursive { bytes.append(juteStrings: persistentRecursive) }
    }
}

/// The body of reconfig.
package struct ReconfigRequest: ~Escapable {
    package let joiningServers: RawSpan
    package let leavingServers: RawSpan
    package let newMembers: RawSpan
    package let configurationID: Int64

    @_lifetime(copy reader)
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        joiningServers = try reader.string()
        leavingServers = try reader.string()
        newMembers = try reader.string()
        configurationID = try reader.int64()
    }
}

extension JuteReader {
    /// No strings at all, for fields that an older request does not have.
    @_lifetime(copy self)
    mutating func noStrings() throws(JuteDefect) -> JuteStrings {
        JuteStrings(count: 0, encoded: try slice(0))
    }
}
