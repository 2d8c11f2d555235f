/// Keys of Apache ZooKeeper that this server does not take, by what is said when one stands in a file.
enum KeysWithoutEffect {
    /// Why a key has no effect here; nil if that is not worth a line, and `unknown` if nobody knows the key.
    static func reason(_ key: String) -> String? {
        if isSilent(key) { return nil }
        if let reason = obsolete.first(where: { $0.covers(key) })?.reason { return reason }
        return "not a setting of this server; it has no effect"
    }

    // MARK: Silent

    private static func isSilent(_ key: String) -> Bool {
        silent.contains(key) || silentPrefixes.contains { key.hasPrefix($0) }
    }

    /// They mean nothing to a server without peers, and say nothing about what the user expects of it.
    private static let silent: Set<String> = [
        "initLimit", "syncLimit", "connectToLearnerMasterLimit", "peerType", "leaderServes",
        "standaloneEnabled", "reconfigEnabled", "localSessionsEnabled", "localSessionsUpgradingEnabled",
        "readonlymode.enabled", "quorumListenOnAllIPs", "oraclePath",
        "observerMasterPort", "observerMaster.sizeLimit", "syncEnabled", "cnxTimeout", "quorumCnxnTimeoutMs",
        "electionPortBindRetry", "tcpKeepAlive", "sslQuorum", "portUnification", "sslQuorumReloadCertFiles",
        "commitLogCount", "snapshotSizeFactor", "forceSnapshotSync", "leader.maxConcurrentSnapSyncs",
        "leader.maxConcurrentDiffSyncs", "leader.maxTimeToWaitForEpoch", "version",
        // What zkServer.sh gives a JVM for its own log.
        "log.dir", "log.file", "log.threshold", "root.logger", "console.threshold", "tracelog.dir",
        "tracelog.file", "jmx.log4j.disable", "jmx.log4j.mbean",
    ]

    private static let silentPrefixes = [
        "admin.", "metricsProvider.", "group.", "weight.", "multiAddress.", "observer.", "fastleader.",
        "quorum.auth.", "ssl.quorum.",
    ]

    // MARK: Obsolete

    private struct Obsolete {
        let keys: [String]
        let reason: String

        func covers(_ key: String) -> Bool {
            keys.contains { $0.hasSuffix(".") ? key.hasPrefix($0) : key == $0 }
        }
    }

    /// They have no effect, and whoever set them may have expected one. A key that ends in a dot stands
    /// for all that begin with it.
    private static let obsolete: [Obsolete] = []
}
