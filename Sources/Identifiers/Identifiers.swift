/// The reign of one leader.
package struct Epoch: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }

    /// Whether it is one that can be counted to: no ensemble ever has 2 to the 30 leaders, and whoever
    /// believes no more may add to what was read.
    package var isPlausible: Bool { 0...1 << 30 ~= rawValue }
}

/// A server of the ensemble, 1...255; 0 is a standalone server.
package struct ServerID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package var rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static func < (left: ServerID, right: ServerID) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }
}

/// A client's session. Never 0 for a session that exists.
package struct SessionID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: Int64

    @inlinable
    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let none = SessionID(rawValue: 0)

    /// Hexadecimal with `0x`, as ZooKeeper prints it.
    package var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}
