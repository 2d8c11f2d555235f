import HTTPTypes
import NIOCore

/// How much one who asks over HTTP may take.
package struct HTTPLimits: Sendable {
    /// Connections at a time; more wait in the kernel's queue until one of them ends.
    package var connectionCountMax = 64
    /// Bytes of one header field, and of all of them together, the request's line apart.
    package var headByteCountMax = 16 << 10
    package var headerCountMax = 100
    /// So long a connection may be silent, a request may take to arrive, and an answer may lie untaken.
    package var idleMilliseconds = 30_000
    /// Bytes of a body that nobody asked for.
    package var bodyByteCountMax = 64 << 10
    /// Whether a request may bring a body of any length, which its responder reads as it comes.
    package var takesLongBody: @Sendable (HTTPRequest) -> Bool = { _ in false }

    package init() {}

    var idleTime: TimeAmount { .milliseconds(Int64(idleMilliseconds)) }
}
