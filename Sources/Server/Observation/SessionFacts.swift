import DataTree
import Identifiers
import Sessions

/// Sessions by the moment at which they run out, and their ephemeral nodes.
package struct SessionFacts: Sendable {
    /// Milliseconds of the monotonic clock, earliest first.
    package var expiring: [(milliseconds: Int64, sessions: [Int64])] = []
    package var ephemerals: [(session: Int64, paths: [[UInt8]])] = []
    /// How many there are in all, if some are left out.
    package var sessionsCutOf: Int?
    package var ephemeralsCutOf: Int?
}

extension ServerObserver {
    package func sessions() async throws(NotServingError) -> SessionFacts {
        try await ask { core in
            var facts = SessionFacts()
            let buckets = core.sessions.expiryBuckets(listingAtMost: ReportText.byteCountMax / 16)
            facts.expiring = buckets.map { ($0.milliseconds, $0.listed.map(\.rawValue)) }
            if buckets.contains(where: { $0.listed.count < $0.count }) {
                facts.sessionsCutOf = core.sessions.count
            }
            var room = AnswerRoom()
            for owner in core.tree.ephemeralOwners {
                var paths: [[UInt8]] = []
                for path in core.tree.ephemeralPaths(of: owner) {
                    guard room.take(path) else {
                        facts.ephemeralsCutOf = core.tree.ephemeralCount
                        break
                    }
                    paths.append(path)
                }
                if !paths.isEmpty { facts.ephemerals.append((owner, paths)) }
                if facts.ephemeralsCutOf != nil { break }
            }
            return facts
        }
    }
}

/// How much more an answer with many paths may hold: as much as a four letter word's.
struct AnswerRoom {
    /// What stands around a path.
    private static let entryByteCount = 24
    private var byteCount = ReportText.byteCountMax

    /// Whether one more path has room.
    mutating func take(_ path: [UInt8]) -> Bool {
        guard byteCount > 0 else { return false }
        byteCount -= path.count + Self.entryByteCount
        return true
    }
}
