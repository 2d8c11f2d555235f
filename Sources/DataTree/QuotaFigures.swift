import Identifiers

/// What the quotas below one namespace allow together, and how much of it is used.
package struct QuotaFigures: Equatable, Sendable {
    /// The hard limit where there is one, else the soft one; -1 is none, and each is added up as it is.
    package var countLimit: Int64 = 0
    package var byteCountLimit: Int64 = 0
    package var count: Int64 = 0
    package var byteCount: Int64 = 0

    package init() {}
}

extension DataTree {
    /// Above this nobody adds quotas up: reading their nodes would take the loop too long.
    package static var shownQuotaCountMax: Int { 1000 }
    /// Longer text limits nothing worth showing.
    private static let textByteCountMax = 1024

    /// By namespace, in the order of their names; the quotas of all beyond the first
    /// `NamespaceCounts.countMax` names together. Nothing if there are more than `shownQuotaCountMax`.
    package var quotaFigures: [(name: String, figures: QuotaFigures)] {
        guard !quotas.isEmpty, quotas.count <= Self.shownQuotaCountMax else { return [] }
        var sums: [String: QuotaFigures] = [:]
        quotas.forEach { quota in
            guard quota.statistics != 0, let limits = quotaText(of: quota.limits),
                let there = quotaText(of: quota.statistics)
            else { return }
            sums[Self.namespace(of: quota), default: QuotaFigures()].add(limits, there)
        }
        var others = sums.removeValue(forKey: NamespaceCounts.others)
        let names = sums.keys.sorted()
        var all = names.prefix(NamespaceCounts.countMax).map {
            (name: $0, figures: sums[$0] ?? QuotaFigures())
        }
        for name in names.dropFirst(NamespaceCounts.countMax) {
            others = others ?? QuotaFigures()
            others?.add(sums[name] ?? QuotaFigures())
        }
        if let others { all.append((NamespaceCounts.others, others)) }
        return all
    }

    private func quotaText(of id: UInt32) -> QuotaText? {
        withData(of: nodes[id]) { $0.count <= Self.textByteCountMax ? QuotaText($0) : nil }
    }

    private static func namespace(of quota: Quota) -> String {
        let name = quota.path.dropFirst().prefix { $0 != Path.slash }
        guard name.count <= NamespaceCounts.nameByteCountMax else { return NamespaceCounts.others }
        return String(decoding: name, as: UTF8.self)
    }
}

extension QuotaFigures {
    fileprivate mutating func add(_ limits: QuotaText, _ there: QuotaText) {
        countLimit &+= limits.countHardLimit > -1 ? limits.countHardLimit : limits.count
        byteCountLimit &+= limits.byteHardLimit > -1 ? limits.byteHardLimit : limits.byteCount
        count &+= there.count
        byteCount &+= there.byteCount
    }

    fileprivate mutating func add(_ other: QuotaFigures) {
        countLimit &+= other.countLimit
        byteCountLimit &+= other.byteCountLimit
        count &+= other.count
        byteCount &+= other.byteCount
    }
}
