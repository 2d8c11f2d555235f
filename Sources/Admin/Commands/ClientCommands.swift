import Server

/// Commands about clients: their connections, sessions and watches.
extension AdminAnswer {
    /// - Parameter brief: without what concerns the session.
    static func connections(_ list: BoundedList<ConnectionFacts>, brief: Bool) -> AdminAnswer {
        let (secure, plain) = (list.items.filter(\.isEncrypted), list.items.filter { !$0.isEncrypted })
        return AdminAnswer(fields: [
            ("connections", .list(plain.map { connection($0, brief: brief) })),
            ("secure_connections", .list(secure.map { connection($0, brief: brief) })),
        ]).noting(list.cutOf, "connections")
    }

    private static func connection(_ facts: ConnectionFacts, brief: Bool) -> JSON {
        var fields: [(name: String, value: JSON)] = [
            ("remote_socket_address", .text(facts.remoteAddress)),
            ("interest_ops", JSON(facts.interestOperations)),
            ("outstanding_requests", JSON(facts.outstandingCount)),
            ("packets_received", JSON(facts.receivedCount)),
            ("packets_sent", JSON(facts.sentCount)),
        ]
        if !brief {
            fields += [
                ("session_id", .integer(facts.sessionID)),
                ("last_operation", .text("\(facts.lastOperation)")),
                ("established", .integer(facts.establishedAt)),
                ("session_timeout", JSON(facts.sessionTimeout)),
                ("last_cxid", .integer(facts.lastCxid)),
                ("last_zxid", .integer(facts.lastZxid)),
                ("last_response_time", .integer(facts.lastRespondedAt)),
                ("last_latency", JSON(facts.lastLatency)),
                ("min_latency", JSON(facts.minimumLatency)),
                ("avg_latency", JSON(facts.meanLatency)),
                ("max_latency", JSON(facts.greatestLatency)),
            ]
        }
        return .object(fields)
    }

    static func dump(_ facts: SessionFacts) -> AdminAnswer {
        AdminAnswer(fields: [
            (
                "expiry_time_to_session_ids",
                .object(
                    facts.expiring.map { ("\($0.milliseconds)", .list($0.sessions.map { .integer($0) })) })
            ),
            (
                "session_id_to_ephemeral_paths",
                .object(facts.ephemerals.map { ("\($0.session)", .list($0.paths.map { .bytes($0) })) })
            ),
        ]).noting(facts.sessionsCutOf, "sessions").noting(facts.ephemeralsCutOf, "ephemeral nodes")
    }

    static func digests(_ digests: [DigestFacts]) -> AdminAnswer {
        let list = digests.map { digest in
            JSON.object([
                ("zxid", .integer(digest.zxid)),
                ("digest", .integer(Int64(bitPattern: digest.digest))),
                ("digest_version", .integer(2)),
            ])
        }
        return AdminAnswer(fields: [("digests", .list(list))])
    }

    static func watchSummary(_ counts: WatchCounts) -> AdminAnswer {
        AdminAnswer(fields: [
            ("num_connections", JSON(counts.connectionCount)),
            ("num_paths", JSON(counts.pathCount)),
            ("num_total_watches", JSON(counts.watchCount)),
        ])
    }

    static func watches(_ list: BoundedList<SessionWatches>) -> AdminAnswer {
        let sessions = list.items.map { item in
            (name: "\(item.session)", value: JSON.list(item.paths.map { .bytes($0) }))
        }
        return AdminAnswer(fields: [("session_id_to_watched_paths", .object(sessions))])
            .noting(list.cutOf, "watches")
    }

    static func watchesByPath(_ list: BoundedList<PathWatchers>) -> AdminAnswer {
        let paths = list.items.map { item in
            (
                name: String(decoding: item.path, as: UTF8.self),
                value: JSON.list(item.sessions.map { .integer($0) })
            )
        }
        return AdminAnswer(fields: [("path_to_session_ids", .object(paths))]).noting(list.cutOf, "paths")
    }

    /// Says in a field of its own that a list was cut, and how many there are in all.
    private func noting(_ count: Int?, _ things: String) -> AdminAnswer {
        guard let count else { return self }
        var cut = self
        cut.fields.append(("cut", .text("there are \(count) \(things) in all, too many for one answer")))
        return cut
    }
}
