import Identifiers

/// The tree's digest after a record.
package struct ZxidDigest: Equatable, Sendable {
    package let zxid: Zxid
    package let digest: UInt64
}

/// The digests after every 128th record, the last 1024 of them: as ZooKeeper keeps them, so that two
/// servers can be compared. At most 24 KiB, and nothing until the first.
struct DigestHistory {
    static let countMax = 1024
    private static let zxidMask: Int64 = 127

    private var entries: [ZxidDigest] = []
    /// The place of the oldest, once there are as many as may be.
    private var oldest = 0

    @inline(__always)
    mutating func note(_ zxid: Zxid, _ digest: UInt64) {
        if zxid.rawValue & Self.zxidMask == 0 { add(ZxidDigest(zxid: zxid, digest: digest)) }
    }

    private mutating func add(_ entry: ZxidDigest) {
        if entries.count < Self.countMax {
            entries.append(entry)
            return
        }
        entries[oldest] = entry
        oldest = (oldest + 1) % Self.countMax
    }

    /// Oldest first.
    var all: [ZxidDigest] { Array(entries[oldest...] + entries[..<oldest]) }
}

extension DataTree {
    /// The digests after every 128th record that was applied since the start, at most 1024, oldest first.
    package var digestHistory: [ZxidDigest] { digests.all }
}
