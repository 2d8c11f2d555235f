import Jute

/// Who reads, and whether changes shall be told.
package struct Reader: Sendable {
    package var identities: [Identity]
    /// The connection that watches from now on; nil for no watch.
    package var watcher: UInt32?

    package init(identities: [Identity], watcher: UInt32? = nil) {
        self.identities = identities
        self.watcher = watcher
    }
}

/// Reads: each appends the body of its reply, or throws the code for the reply's header and appends
/// nothing. Watches are one-shot; `exists` sets its watch on a missing node too.
extension DataTree {
    package mutating func exists(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {}

    package mutating func getData(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {}

    /// - Parameter withStat: getChildren2.
    package mutating func getChildren(
        _ path: RawSpan, withStat: Bool, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {}

    package func getACL(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {}

    /// The count of all descendants.
    package func getAllChildrenNumber(
        _ path: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(ErrorCode) {}

    /// The session's ephemeral nodes whose path starts with `prefix`, sorted.
    package func getEphemerals(_ sessionID: Int64, prefix: RawSpan, into reply: inout [UInt8]) {}

    /// A whole multiRead: items fail one by one, watches are never set.
    package mutating func multiRead(
        _ body: RawSpan, _ reader: borrowing Reader, into reply: inout [UInt8]
    ) throws(JuteDefect) {}
}
