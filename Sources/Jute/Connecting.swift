import ByteCoding
import Identifiers

/// A connection's first frame; it has no request header.
package struct ConnectRequest: Equatable, Sendable {
    package var protocolVersion: Int32 = 0
    package var lastZxidSeen: Int64
    /// The session timeout asked for, in milliseconds.
    package var timeout: Int32
    /// `.none` asks for a new session.
    package var sessionID: SessionID
    package var password: [UInt8]
    /// Nil when the client is too old to send the flag; the response then leaves it out too.
    package var isReadOnly: Bool?

    package static let passwordByteCount = 16

    package init(
        lastZxidSeen: Int64 = 0, timeout: Int32, sessionID: SessionID = .none,
        password: [UInt8] = [UInt8](repeating: 0, count: passwordByteCount), isReadOnly: Bool? = false
    ) {
        self.lastZxidSeen = lastZxidSeen
        self.timeout = timeout
        self.sessionID = sessionID
        self.password = password
        self.isReadOnly = isReadOnly
    }

    package init(from reader: inout JuteReader) throws(JuteDefect) {
        protocolVersion = try reader.int32()
        lastZxidSeen = try reader.int64()
        timeout = try reader.int32()
        sessionID = SessionID(rawValue: try reader.int64())
        password = try reader.buffer().bytes.withUnsafeBytes { [UInt8]($0) }
        isReadOnly = reader.remainingByteCount > 0 ? try reader.bool() : nil
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: protocolVersion)
        bytes.append(bigEndian: lastZxidSeen)
        bytes.append(bigEndian: timeout)
        bytes.append(bigEndian: sessionID.rawValue)
        bytes.append(juteBuffer: password)
        if let isReadOnly { bytes.append(jute: isReadOnly) }
    }
}

/// The answer to the first frame; it has no reply header.
package struct ConnectResponse: Equatable, Sendable {
    package var protocolVersion: Int32 = 0
    /// The session timeout granted, in milliseconds; 0 says that the session is gone.
    package var timeout: Int32
    package var sessionID: SessionID
    package var password: [UInt8]
    /// Nil leaves the byte out, for clients that did not send it.
    package var isReadOnly: Bool?

    package init(timeout: Int32, sessionID: SessionID, password: [UInt8], isReadOnly: Bool?) {
        self.timeout = timeout
        self.sessionID = sessionID
        self.password = password
        self.isReadOnly = isReadOnly
    }

    /// What a client is told whose session does not exist or whose password is wrong.
    package static func refusal(isReadOnly: Bool?) -> ConnectResponse {
        ConnectResponse(
            timeout: 0, sessionID: .none,
            password: [UInt8](repeating: 0, count: ConnectRequest.passwordByteCount), isReadOnly: isReadOnly)
    }

    package init(from reader: inout JuteReader) throws(JuteDefect) {
        protocolVersion = try reader.int32()
        timeout = try reader.int32()
        sessionID = SessionID(rawValue: try reader.int64())
        password = try reader.buffer().bytes.withUnsafeBytes { [UInt8]($0) }
        isReadOnly = reader.remainingByteCount > 0 ? try reader.bool() : nil
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: protocolVersion)
        bytes.append(bigEndian: timeout)
        bytes.append(bigEndian: sessionID.rawValue)
        bytes.append(juteBuffer: password)
        if let isReadOnly { bytes.append(jute: isReadOnly) }
    }
}
