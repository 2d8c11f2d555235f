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
        "standaloneEnabled", "localSessionsEnabled", "localSessionsUpgradingEnabled",
        "quorumListenOnAllIPs", "oraclePath",
        "observerMasterPort", "observerMaster.sizeLimit", "syncEnabled", "cnxTimeout", "quorumCnxnTimeoutMs",
        "electionPortBindRetry", "tcpKeepAlive", "sslQuorum", "portUnification", "sslQuorumReloadCertFiles",
        "commitLogCount", "snapshotSizeFactor", "forceSnapshotSync", "leader.maxConcurrentSnapSyncs",
        "leader.maxConcurrentDiffSyncs", "leader.maxTimeToWaitForEpoch", "version", "enableEagerACLCheck",
        // What zkServer.sh gives a JVM for its own log.
        "log.dir", "log.file", "log.threshold", "root.logger", "console.threshold", "tracelog.dir",
        "tracelog.file", "log.maxfilesize", "log.maxbackupindex", "jmx.log4j.disable", "jmx.log4j.mbean",
    ]

    private static let silentPrefixes = [
        "group.", "weight.", "multiAddress.", "observer.", "fastleader.",
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
    private static let obsolete: [Obsolete] = [
        Obsolete(
            keys: [
                "electionAlg", "controllerPort", "quorum.cnxn.threads.size", "learner.", "leader.",
                "follower.", "leaderConnectDelayDuringRetryMs",
                "forward_learner_requests_to_commit_processor_disabled", "messageTracker.",
                "test.allowDiscontinuousProposals",
            ],
            reason: "concerns servers of an ensemble; it has no effect"),
        Obsolete(
            keys: ["flushDelay", "maxWriteQueuePollTime", "maxBatchSize"],
            reason: "a batch is whatever came while the last sync ran, without waiting; it has no effect"),
        Obsolete(
            keys: ["nio.", "netty.", "serverCnxnFactory", "intBufferStartingSizeBytes"],
            reason: "concerns a Java program's sockets; it has no effect"),
        Obsolete(
            keys: ["commitProcessor.", "request_throttler.shutdownTimeout"],
            reason: "there are no threads that hand requests to each other; it has no effect"),
        Obsolete(
            keys: ["maxResponseCacheSize", "maxGetChildrenResponseCacheSize"],
            reason: "replies are made faster than a cache would find them; it has no effect"),
        Obsolete(
            keys: [
                "watchManagerName", "watcherCleanThreadsNum", "watcherCleanThreshold",
                "watcherCleanIntervalInSeconds", "maxInProcessingDeadWatchers", "bitHashCacheSize",
            ],
            reason: "watches of a connection that is gone go at once; it has no effect"),
        Obsolete(
            keys: ["jvm.pause.monitor", "jvm.pause.", "fips-mode"],
            reason: "concerns a Java virtual machine; it has no effect"),
        Obsolete(
            keys: ["pathStats."], reason: "there are no statistics of single paths; it has no effect"),
        Obsolete(
            keys: ["emulate353TTLNodes"],
            reason: "nodes with the time to live of 3.5.3 are not read; it has no effect"),
        Obsolete(
            keys: ["snapshot.trust.empty", "testingonly.initialZxid"],
            reason: "the store itself knows what it must hold; it has no effect"),
        Obsolete(
            keys: ["jute.maxbuffer.extrasize"],
            reason: "the log takes the record of every request that jute.maxbuffer lets in; it has no effect"),
        Obsolete(
            keys: ["IPAuthenticationProvider.usexforwardedfor"],
            reason: "whoever asks can write that header, so it proves nothing here; it has no effect"),
        Obsolete(
            keys: [
                "kerberos.", "security.auth_to_local", "requireKerberosConfig", "kinit", "server.principal",
                "server.realm", "sasl.client", "sasl.client.",
            ],
            reason: "this server knows no Kerberos; it has no effect"),
    ]
}
