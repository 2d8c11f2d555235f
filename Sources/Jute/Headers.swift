import ByteCoding

/// In front of every request but the first.
package struct RequestHeader: Equatable, Sendable {
    /// The client's number for the request; its reply carries it back.
    package var xid: Int32
    /// The operation code as it came, which may be unknown.
    package var type: Int32

    package init(xid: Int32, type: Int32) {
        self.xid = xid
        self.type = type
    }

    @inlinable
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        xid = try reader.int32()
        type = try reader.int32()
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: xid)
        bytes.append(bigEndian: type)
    }

    /// Not a client's own count: an event that nobody asked for at that moment.
    package static let notificationXid: Int32 = -1
    /// A sign of life and its answer.
    package static let pingXid: Int32 = -2
}

/// In front of every reply but the first.
package struct ReplyHeader: Equatable, Sendable {
    package static let byteCount = 16

    package var xid: Int32
    package var zxid: Int64
    package var error: ErrorCode

    @inlinable
    package init(xid: Int32, zxid: Int64, error: ErrorCode = ErrorCode(rawValue: 0)) {
        self.xid = xid
        self.zxid = zxid
        self.error = error
    }

    package init(from reader: inout JuteReader) throws(JuteDefect) {
        xid = try reader.int32()
        zxid = try reader.int64()
        error = ErrorCode(rawValue: try reader.int32())
    }

    @inlinable
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: xid)
        bytes.append(bigEndian: zxid)
        bytes.append(bigEndian: error.rawValue)
    }
}

/// In front of every item of a multi, and its end mark.
package struct MultiHeader: Equatable, Sendable {
    package static let byteCount = 9

    package var type: Int32
    package var isDone: Bool
    package var error: Int32

    @inlinable
    package init(type: Int32, isDone: Bool = false, error: Int32) {
        self.type = type
        self.isDone = isDone
        self.error = error
    }

    @inlinable
    package init(from reader: inout JuteReader) throws(JuteDefect) {
        type = try reader.int32()
        isDone = try reader.bool()
        error = try reader.int32()
    }

    @inlinable
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: type)
        bytes.append(jute: isDone)
        bytes.append(bigEndian: error)
    }

    /// What ends a multi.
    package static let end = MultiHeader(type: -1, isDone: true, error: -1)
}

/// What a watch event says happened.
package enum WatchEventType: Int32, Sendable {
    case nodeCreated = 1
    case nodeDeleted = 2
    case nodeDataChanged = 3
    case nodeChildrenChanged = 4
}

/// The body of a notification.
package enum WatcherEvent {
    /// The only state a server sends: the client is connected.
    package static let syncConnected: Int32 = 3

    package static func encode(_ type: WatchEventType, path: RawSpan, into bytes: inout [UInt8]) {
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: syncConnected)
        bytes.append(juteString: path)
    }
}
