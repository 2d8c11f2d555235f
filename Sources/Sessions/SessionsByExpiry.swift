import Identifiers

/// Sessions that run out at the same moment.
package struct ExpiryBucket: Sendable {
    /// By the clock with whose time the table is called.
    package var milliseconds: Int64
    package var count: Int
    /// In the order of the table; not all of them if there are many.
    package var listed: [SessionID]
}

extension Sessions {
    /// All open sessions by the moment at which they run out, earliest first, for who looks at the table.
    ///
    /// - Parameter countMax: identifiers that are listed in all.
    package func expiryBuckets(listingAtMost countMax: Int) -> [ExpiryBucket] {
        var buckets: [Int64: ExpiryBucket] = [:]
        var listedCount = 0
        forEachOpen { id, milliseconds in
            let isListed = listedCount < countMax
            if isListed { listedCount += 1 }
            buckets[milliseconds, default: ExpiryBucket(milliseconds: milliseconds, count: 0, listed: [])]
                .add(id, isListed: isListed)
        }
        return buckets.values.sorted { $0.milliseconds < $1.milliseconds }
    }
}

extension ExpiryBucket {
    fileprivate mutating func add(_ id: SessionID, isListed: Bool) {
        count += 1
        if isListed { listed.append(id) }
    }
}
