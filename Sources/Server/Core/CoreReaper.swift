import ByteCoding
import DataTree
import Identifiers
import Jute

/// Containers that nobody uses any more and nodes whose time to live is over go by themselves.
///
/// There may be millions of them. They are looked at in pieces of about a millisecond, with everybody's
/// requests between two.
struct ReaperRound {
    static let seenMax = 10_000
    static let deletionsMax = 500

    var cursor = ExpiryCursor()
    /// How many may still go.
    var deletionsLeft: Int
}

extension Core {
    /// Begins a round, when it is time and the one before is over.
    func reapIfDue() {
        let period = Int64(configuration.reaper.periodMilliseconds)
        guard now - lastReapAt >= period * 1_000_000, reaperRound == nil else { return }
        lastReapAt = now
        guard tree.expirableCount > 0 else { return }
        let share = Int64(configuration.reaper.countMaxPerMinute) * period / 60_000
        reaperRound = ReaperRound(deletionsLeft: max(Int(share), 1))
        reapPiece()
    }

    /// Asks for the deletion of those whose time is over; each is checked again when its record is made.
    private func reapPiece() {
        guard var round = reaperRound, !hasFailed, !isDraining else {
            reaperRound = nil
            return
        }
        readClocks()
        let paths = tree.expiredPaths(
            from: &round.cursor, now: wallMilliseconds,
            neverUsedMax: Int64(configuration.reaper.neverUsedMillisecondsMax),
            seenMax: ReaperRound.seenMax, countMax: min(round.deletionsLeft, ReaperRound.deletionsMax))
        for path in paths {
            var body: [UInt8] = []
            body.append(juteString: path.span.bytes)
            proposeInternally(.deleteContainer, .none, xid: 0, body: body, .internalWork, on: nil)
        }
        round.deletionsLeft -= paths.count
        guard !round.cursor.isAtEnd, round.deletionsLeft > 0 else {
            reaperRound = nil
            return
        }
        reaperRound = round
        nextTurn.perform { [self] in reapPiece() }
    }
}
