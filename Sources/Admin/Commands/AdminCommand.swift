/// What may be asked of the admin server, by Apache's names.
enum AdminCommand: String, CaseIterable, Sendable {
    case configuration
    case connectionStatReset = "connection_stat_reset"
    case connections
    case dirs
    case dump
    case environment
    case getTraceMask = "get_trace_mask"
    case hash
    case initialConfiguration = "initial_configuration"
    case isReadOnly = "is_read_only"
    case lastSnapshot = "last_snapshot"
    case leader
    case monitor
    case observerConnectionStatReset = "observer_connection_stat_reset"
    case observers
    case restore
    case ruok
    case serverStats = "server_stats"
    case setTraceMask = "set_trace_mask"
    case snapshot
    case statReset = "stat_reset"
    case stats
    case systemProperties = "system_properties"
    case votingView = "voting_view"
    case watchSummary = "watch_summary"
    case watches
    case watchesByPath = "watches_by_path"
    case zabstate

    /// By its name or one of the short ones.
    init?(name: String) {
        guard let command = Self.shortNames[name] ?? Self(rawValue: name) else { return nil }
        self = command
    }

    private static let shortNames: [String: AdminCommand] = [
        "conf": .configuration, "config": .configuration, "crst": .connectionStatReset, "cons": .connections,
        "env": .environment, "envi": .environment, "gtmk": .getTraceMask, "icfg": .initialConfiguration,
        "isro": .isReadOnly, "lsnp": .lastSnapshot, "lead": .leader, "mntr": .monitor,
        "orst": .observerConnectionStatReset, "obsr": .observers, "rest": .restore, "srvr": .serverStats,
        "stmk": .setTraceMask, "snap": .snapshot, "srst": .statReset, "stat": .stats,
        "sysp": .systemProperties, "wchs": .watchSummary, "wchc": .watches, "wchp": .watchesByPath,
    ]

    /// Asked with POST; all others with GET.
    var isPosted: Bool { self == .restore }

    /// Asks for somebody who may do everything at the root.
    var needsProof: Bool { self == .restore || self == .snapshot }
}
