import Disk

/// How many segments stand ready, and why there are not more.
package struct SupplyLevel: Equatable, Sendable {
    package var readyCount: Int
    /// Why the last attempt to prepare one failed; nil if it did not.
    package var shortage: SupplyShortage?

    init(_ readyCount: Int, _ shortage: SupplyShortage?) {
        self.readyCount = readyCount
        self.shortage = shortage
    }
}

/// Why a segment could not be prepared. Either way nothing of the log was touched.
package enum SupplyShortage: Equatable, Sendable {
    /// There is no space, and there may be some later.
    case diskFull
    /// The disk failed otherwise: somebody should look at it.
    case failed(DiskError)

    /// Whether the other one is the same as far as an operator is concerned; each attempt is for another
    /// file.
    package func isLike(_ other: SupplyShortage?) -> Bool {
        switch (self, other) {
        case (.diskFull, .diskFull): true
        case (.failed(let error), .failed(let other)):
            error.operation == other.operation && error.code == other.code
        default: false
        }
    }
}
