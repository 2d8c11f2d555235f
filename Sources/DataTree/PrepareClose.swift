import ByteCoding
import Identifiers
import Jute

extension DataTree {
    /// A list of paths that would make the record longer than this is left out: applying the record
    /// then deletes what the session owns.
    static let closeSessionListByteCountMax = 1 << 20

    /// Appends the transaction that ends a session, with the paths that go with it, sorted.
    mutating func prepareCloseSession(_ origin: borrowing RequestOrigin, into record: inout [UInt8]) {
        let paths = preparedEphemeralPaths(of: origin.sessionID.rawValue)
        var byteCount = 4
        for path in paths { byteCount += 4 + path.count }
        if rules.listsNodesOfClosedSessions, byteCount <= Self.closeSessionListByteCountMax {
            CloseSessionTransaction.encode(paths, into: &record)
        }
        var noUndo: [PendingChanges.Undo]?
        for path in paths { stageDelete(path.span.bytes, origin.zxid, &noUndo) }
    }

    /// The session's nodes once everything pending is applied.
    private func preparedEphemeralPaths(of owner: Int64) -> [[UInt8]] {
        var paths = pending.paths(ownedBy: owner)
        let inFlight = Set(paths)
        for id in ephemerals.ids(of: owner) {
            let path = path(of: id)
            let state = state(path.span.bytes, hash: hash(path.span.bytes))
            guard state.exists, state.stat.ephemeralOwner == owner, !inFlight.contains(path) else { continue }
            paths.append(path)
        }
        paths.sortByBytes()
        return paths
    }
}
