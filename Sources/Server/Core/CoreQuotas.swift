import DataTree
import Logging

/// Changes beyond a quota, for who reads the log.
extension Core {
    private static let quotaReportNanoseconds: Int64 = 10_000_000_000

    /// Names the last change that went beyond a quota since the report before; not more than once in ten
    /// seconds, however many there are.
    func reportQuotaExcess() {
        let count = tree.quotaExcessCount - reportedQuotaExcessCount
        guard count > 0, now >= nextQuotaReportAt, let excess = tree.lastQuotaExcess else { return }
        reportedQuotaExcessCount = tree.quotaExcessCount
        nextQuotaReportAt = now + Self.quotaReportNanoseconds
        let path = LogText.escaped(String(decoding: excess.path, as: UTF8.self))
        let what = excess.kind == .nodes ? "nodes" : "bytes"
        let times = count == 1 ? "" : " (the last of \(count))"
        logger.warning(
            """
            quota of \(path) exceeded\(times): \(excess.amount) \(what), the \(excess.isHard ? "hard" : "soft") \
            limit is \(excess.limit)\(excess.isHard ? "; refused" : "")
            """)
    }
}
