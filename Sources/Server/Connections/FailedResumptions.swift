/// Counts who asks in vain for sessions of others (`session.resumeFailureLimit`), address by address.
///
/// In vain is: with a wrong password, or without proving to be whom the session is bound to. Clients that go
/// on with their own sessions never fail so. Counts are those of the present minute; of IPv6 addresses with the same first
/// 64 bits they are one. Pure: the time comes in with each question.
struct FailedResumptions {
    private static let windowMilliseconds: Int64 = 60_000
    /// So many addresses are counted; one more, and all are forgotten, so that nobody can fill the memory.
    static let addressCountMax = 4096

    private let countMax: Int
    private var counts: [RemoteAddress: Int] = [:]
    private var windowEnd: Int64 = .min

    /// - Parameter countMax: failures that one address has in a minute; 0 is no limit.
    init(countMax: Int) { self.countMax = countMax }

    /// Whether nobody from the address shall have another attempt now, in milliseconds.
    func isTooMany(from address: RemoteAddress, now: Int64) -> Bool {
        guard !counts.isEmpty, now < windowEnd else { return false }
        return counts[address.network, default: 0] >= countMax
    }

    /// Counts one failure.
    mutating func note(from address: RemoteAddress, now: Int64) {
        guard countMax > 0 else { return }
        if now >= windowEnd {
            counts.removeAll()
            windowEnd = now + Self.windowMilliseconds
        } else if counts.count >= Self.addressCountMax, counts[address.network] == nil {
            counts.removeAll()
        }
        counts[address.network, default: 0] += 1
    }
}
