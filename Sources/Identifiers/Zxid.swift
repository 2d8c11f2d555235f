/// The position of a transaction in the total order: an epoch (high 32 bits) and a counter within it.
///
/// Comparison is numeric, which orders by epoch first (ZooKeeper's protocol, "zxid").
package struct Zxid: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int64

    @inlinable
    package init(rawValue: Int64) { self.rawValue = rawValue }

    package init(epoch: Epoch, counter: UInt32) {
        rawValue = Int64(epoch.rawValue) << 32 | Int64(counter)
    }

    /// Before every transaction.
    package static let zero = Zxid(rawValue: 0)

    package var epoch: Epoch { Epoch(rawValue: Int32(truncatingIfNeeded: rawValue >> 32)) }

    package var counter: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The next transaction of the same epoch; nil when the counter is used up and a new epoch is due.
    package var next: Zxid? { counter == .max ? nil : Zxid(rawValue: rawValue + 1) }
}

extension Zxid: Comparable {
    @inlinable
    package static func < (left: Zxid, right: Zxid) -> Bool { left.rawValue < right.rawValue }
}

extension Zxid: CustomStringConvertible {
    /// Hexadecimal with `0x`, as ZooKeeper prints it.
    package var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}
