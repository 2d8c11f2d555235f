import DataTree
import Identifiers
import Sessions

/// `dump`: sessions by the moment at which they run out, ephemeral nodes by session, connections.
extension Core {
    func appendDump(to text: inout ReportText) {
        text.append("SessionTracker dump:\n")
        appendSessions(to: &text)
        text.append("ephemeral nodes dump:\n")
        appendEphemerals(to: &text)
        text.append("Connections dump:\n")
        appendConnectionSets(to: &text)
    }

    /// The walk over all sessions takes some 20 ms a million; the lines of the report are bounded.
    private func appendSessions(to text: inout ReportText) {
        let buckets = sessions.expiryBuckets(listingAtMost: ReportText.byteCountMax / 16)
        appendHead("Session Sets", buckets.count, sessions.count, to: &text)
        for bucket in buckets {
            appendBucket(bucket.count, expiringAt: bucket.milliseconds, to: &text)
            for id in bucket.listed {
                guard text.hasRoom else {
                    text.cut("sessions", count: sessions.count)
                    return
                }
                text.append("\t0x")
                text.append(hexadecimal: id.rawValue)
                text.append("\n")
            }
        }
    }

    private func appendEphemerals(to text: inout ReportText) {
        let owners = tree.ephemeralOwners
        text.append("Sessions with Ephemerals (")
        text.append(owners.count)
        text.append("):\n")
        for owner in owners {
            text.append("0x")
            text.append(hexadecimal: owner)
            text.append(":\n")
            for path in tree.ephemeralPaths(of: owner, byteCountMax: ReportText.byteCountMax) {
                guard text.hasRoom else {
                    text.cut("ephemeral nodes", count: tree.ephemeralCount)
                    return
                }
                text.append("\t")
                text.append(path)
                text.append("\n")
            }
        }
    }

    /// A connection goes when its session does, or when it has none after ten seconds.
    private func appendConnectionSets(to text: inout ReportText) {
        var byMoment: [Int64: [Connection]] = [:]
        for connection in connections.all {
            let moment =
                connection.sessionSlot.flatMap { sessions.expiry(of: $0) }
                ?? (connection.openedAt + sessionlessNanoseconds) / 1_000_000
            byMoment[moment, default: []].append(connection)
        }
        appendHead("Connections Sets", byMoment.count, connections.count, to: &text)
        for (moment, connections) in byMoment.sorted(by: { $0.key < $1.key }) {
            appendBucket(connections.count, expiringAt: moment, to: &text)
            for connection in connections {
                guard text.hasRoom else {
                    text.cut("connections", count: self.connections.count)
                    return
                }
                text.append("\tip: ")
                text.append(connection.remoteDescription)
                text.append(" sessionId: 0x")
                text.append(hexadecimal: connection.sessionID.rawValue)
                text.append("\n")
            }
        }
    }

    private func appendHead(_ name: StaticString, _ sets: Int, _ members: Int, to text: inout ReportText) {
        text.append(name)
        text.append(" (")
        text.append(sets)
        text.append(")/(")
        text.append(members)
        text.append("):\n")
    }

    /// - Parameter milliseconds: of the monotonic clock.
    private func appendBucket(_ count: Int, expiringAt milliseconds: Int64, to text: inout ReportText) {
        text.append(count)
        text.append(" expire at ")
        text.append(Clock.javaDate(wallMilliseconds: wallMilliseconds + milliseconds - nowMilliseconds))
        text.append(":\n")
    }
}
