import Identifiers

/// The leader's broadcast phase: which transactions a quorum of voters has made durable.
///
/// Pure, and counted in positions rather than in records, so a batch costs the same as a record. A
/// standalone server is an ensemble with one voter: its own sync is the quorum.
package struct Broadcast: Sendable {
    package enum Event: Equatable, Sendable {
        /// The leader took transactions up to `upTo` into its log's memory.
        case appended(upTo: Zxid)
        /// Everything up to `upTo` is synced on this voter's disk, the leader's own included.
        case durable(upTo: Zxid, by: ServerID)
    }

    package enum Effect: Equatable, Sendable {
        /// Everything up to `upTo` is committed: apply it, and answer.
        case commit(upTo: Zxid)
    }

    private struct Voter {
        let id: ServerID
        var durable: Zxid
    }

    private var voters: [Voter]
    private let quorumCount: Int
    package private(set) var lastAppended: Zxid
    package private(set) var lastCommitted: Zxid

    /// Begins where synchronisation ended: every voter holds everything up to `lastCommitted`.
    package init(voters: [ServerID], lastCommitted: Zxid) {
        precondition(Set(voters).count == voters.count && !voters.isEmpty, "voters repeat or are missing")
        self.voters = voters.map { Voter(id: $0, durable: lastCommitted) }
        quorumCount = voters.count / 2 + 1
        lastAppended = lastCommitted
        self.lastCommitted = lastCommitted
    }

    /// Takes one event and adds what must now be done, in the order it must be done.
    ///
    /// The shell refuses a peer that claims more than was proposed to it, before it makes an event of it.
    /// A voter that is not in the ensemble changes nothing (it may be an observer), and neither does a
    /// position that was reported before.
    package mutating func step(_ event: Event, into effects: inout [Effect]) {
        switch event {
        case .appended(let upTo):
            precondition(upTo > lastAppended, "appended \(upTo) after \(lastAppended)")
            lastAppended = upTo
        case .durable(let upTo, let id):
            precondition(upTo <= lastAppended, "\(id) has \(upTo), which was never appended")
            guard let index = voters.firstIndex(where: { $0.id == id }), voters[index].durable < upTo else {
                return
            }
            voters[index].durable = upTo
            let onQuorum = positionOnQuorum
            guard onQuorum > lastCommitted else { return }
            lastCommitted = onQuorum
            effects.append(.commit(upTo: onQuorum))
        }
    }

    /// The highest position that a quorum of voters has reached.
    private var positionOnQuorum: Zxid {
        if voters.count == 1 { return voters[0].durable }
        return voters.map(\.durable).sorted(by: >)[quorumCount - 1]
    }
}
