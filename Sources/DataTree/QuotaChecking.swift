import Identifiers
import Jute

/// A change that went beyond a quota.
package struct QuotaExcess: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case nodes
        case bytes
    }

    /// The path that the quota is for.
    package var path: [UInt8]
    package var kind: Kind
    /// The change was refused; otherwise somebody only should know.
    package var isHard: Bool
    /// What there would be after the change.
    package var amount: Int64
    package var limit: Int64

    package init(path: [UInt8], kind: Kind, isHard: Bool, amount: Int64, limit: Int64) {
        self.path = path
        self.kind = kind
        self.isHard = isHard
        self.amount = amount
        self.limit = limit
    }
}

/// Holding changes against the quotas when their records are made, if the server is told to.
///
/// Counted are the tree and everything prepared, so neither many requests in flight nor the items of one
/// multi get past a limit together. The limits are those that are applied. The quota of the longest path
/// decides, with its hard limit if it has one, else with its soft one, which refuses nothing.
extension DataTree {
    /// Throws quotaExceeded if a hard limit forbids a creation (`count` 1) or new data.
    ///
    /// - Parameter byteCount: by how much the data grows; not 0 even for less data, which a limit that is
    ///   exceeded already refuses as well.
    @inline(__always)
    mutating func requireQuota(_ path: RawSpan, count: Int64, byteCount: Int) throws(ErrorCode) {
        if !rules.enforcesQuotas || quotas.isEmpty { return }
        guard let excess = excess(path, count: count, byteCount: Int64(byteCount)) else { return }
        lastQuotaExcess = excess
        quotaExcessCount &+= 1
        if excess.isHard {
            counts.quotaRefusals.note(path, amount: 1)
            throw .quotaExceeded
        }
    }

    /// Notes that a prepared record will change what the quotas count.
    @inline(__always)
    mutating func expectInQuotas(_ path: RawSpan, count: Int64, byteCount: Int, zxid: Zxid) {
        if !rules.enforcesQuotas || quotas.isEmpty { return }
        let id = quotas.find(holdingFor: path)
        if id != 0 { quotas.addPending(id, count: count, byteCount: Int64(byteCount), zxid: zxid) }
    }

    /// The hard limit that would be passed, else the soft one.
    private func excess(_ path: RawSpan, count: Int64, byteCount: Int64) -> QuotaExcess? {
        let id = quotas.find(holdingFor: path)
        guard id != 0, quotas[id].statistics != 0 else { return nil }
        let quota = quotas[id]
        // Text without numbers limits nothing.
        guard let limits = withData(of: nodes[quota.limits], { QuotaText($0) }),
            let there = withData(of: nodes[quota.statistics], { QuotaText($0) })
        else { return nil }
        var excess: QuotaExcess?
        if count != 0 {
            excess = Self.excess(
                of: quota, .nodes, there.count &+ quota.pendingCount &+ count, hard: limits.countHardLimit,
                soft: limits.count)
            if let excess, excess.isHard { return excess }
        }
        if byteCount != 0 {
            excess =
                Self.excess(
                    of: quota, .bytes, there.byteCount &+ quota.pendingByteCount &+ byteCount,
                    hard: limits.byteHardLimit, soft: limits.byteCount) ?? excess
        }
        return excess
    }

    private static func excess(
        of quota: Quota, _ kind: QuotaExcess.Kind, _ amount: Int64, hard: Int64, soft: Int64
    ) -> QuotaExcess? {
        let isHard = hard > -1
        let limit = isHard ? hard : soft
        guard limit > -1, amount > limit else { return nil }
        return QuotaExcess(path: quota.path, kind: kind, isHard: isHard, amount: amount, limit: limit)
    }
}
