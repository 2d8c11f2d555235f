import Testing

@testable import Server

/// Every key that Apache ZooKeeper 3.9 or 3.10 reads and that concerns a server without peers, and those
/// of ensembles that may stand in the same file: none is unknown here.
@Suite struct EveryKeyTests {
    /// With a value that is right for it.
    private static let basics: KeyValuePairs = [
        "clientPort": "1", "clientPortAddress": "127.0.0.1",
        "client.portUnification": "false", "dataDir": "/d", "dataLogDir": "/l", "tickTime": "2000",
        "initLimit": "10", "syncLimit": "5", "connectToLearnerMasterLimit": "10", "minSessionTimeout": "4000",
        "maxSessionTimeout": "40000", "maxClientCnxns": "60", "maxCnxns": "0",
        "clientPortListenBacklog": "-1", "localSessionsEnabled": "false",
        "localSessionsUpgradingEnabled": "false", "readonlymode.enabled": "false", "leaderServes": "yes",
        "electionAlg": "3", "peerType": "participant", "standaloneEnabled": "true",
        "reconfigEnabled": "false", "server.1": "a:2888:3888", "group.1": "1", "weight.1": "1",
        "oraclePath": "/o", "quorumListenOnAllIPs": "false", "multiAddress.enabled": "false",
        "multiAddress.reachabilityCheckEnabled": "true", "multiAddress.reachabilityCheckTimeoutMs": "1000",
        "observerMasterPort": "1", "observerMaster.sizeLimit": "1", "syncEnabled": "true",
        "zookeeper.observer.syncEnabled": "true", "observer.reconnectDelayMs": "0",
        "observer.election.DelayMs": "200", "cnxTimeout": "5000", "quorumCnxnTimeoutMs": "-1",
        "electionPortBindRetry": "3", "leader.maxTimeToWaitForEpoch": "-1",
        "fastleader.minNotificationInterval": "200", "fastleader.maxNotificationInterval": "60000",
        "tcpKeepAlive": "false", "clientTcpKeepAlive": "false", "quorum.cnxn.threads.size": "20",
        "controllerPort": "1",
    ]

    private static let storage: KeyValuePairs = [
        "preAllocSize": "65536", "snapCount": "100000", "snapSizeLimitInKb": "4194304",
        "txnLogSizeLimitInKb": "-1", "commitLogCount": "500", "snapshotSizeFactor": "0.33",
        "flushDelay": "0", "maxWriteQueuePollTime": "0", "maxBatchSize": "1000", "forceSync": "yes",
        "fsync.warningthresholdms": "1000", "snapshot.compression.method": "gz",
        "snapshot.trust.empty": "false", "serializeLastProcessedZxid.enabled": "true",
        "digest.enabled": "true", "closeSessionTxn.enabled": "true", "datadir.autocreate": "true",
        "db.autocreate": "true", "autopurge.snapRetainCount": "3", "autopurge.purgeInterval": "1",
        "forceSnapshotSync": "false", "leader.maxConcurrentSnapSyncs": "10", "maxConcurrentSnapSyncs": "10",
        "leader.maxConcurrentDiffSyncs": "100", "testingonly.initialZxid": "1",
        "test.allowDiscontinuousProposals": "false", "jute.maxbuffer": "1048575",
        "jute.maxbuffer.extrasize": "1048575", "extendedTypesEnabled": "false",
        "emulate353TTLNodes": "false", "znode.container.checkIntervalMs": "60000",
        "znode.container.maxPerMinute": "10000", "znode.container.maxNeverUsedIntervalMs": "300000",
    ]

    private static let load: KeyValuePairs = [
        "globalOutstandingLimit": "1000", "requestThrottleLimit": "0",
        "request_throttle_max_requests": "0", "requestThrottleStallTime": "100",
        "requestThrottleDropStale": "true", "requestStaleLatencyCheck": "false",
        "requestStaleConnectionCheck": "true", "request_throttler.shutdownTimeout": "10000",
        "throttledOpWaitTime": "0", "largeRequestThreshold": "-1", "largeRequestMaxBytes": "104857600",
        "connectionMaxTokens": "0", "connectionTokenFillTime": "1", "connectionTokenFillCount": "1",
        "connectionFreezeTime": "-1", "connectionDropIncrease": "0.02", "connectionDropDecrease": "0.002",
        "connectionDecreaseRatio": "0", "zookeeper.connection_throttle_weight_enabled": "false",
        "zookeeper.connection_throttle_global_session_weight": "3",
        "zookeeper.connection_throttle_local_session_weight": "1",
        "zookeeper.connection_throttle_renew_session_weight": "2", "maxResponseCacheSize": "400",
        "maxGetChildrenResponseCacheSize": "400", "enableEagerACLCheck": "false", "enforceQuota": "false",
        "watchManagerName": "x", "watcherCleanThreadsNum": "2", "watcherCleanThreshold": "1000",
        "watcherCleanIntervalInSeconds": "600", "maxInProcessingDeadWatchers": "-1",
        "bitHashCacheSize": "10", "nio.numSelectorThreads": "1", "nio.numWorkerThreads": "1",
        "nio.directBufferBytes": "65536", "nio.shutdownTimeout": "5000",
        "nio.sessionlessCnxnTimeout": "10000", "commitProcessor.numWorkerThreads": "1",
        "commitProcessor.maxReadBatchSize": "-1", "commitProcessor.maxCommitBatchSize": "1",
        "commitProcessor.shutdownTimeout": "5000", "serverCnxnFactory": "x",
        "netty.advancedFlowControl.enabled": "false", "netty.server.outstandingHandshake.limit": "-1",
        "netty.server.earlyDropSecureConnectionHandshakes": "false", "intBufferStartingSizeBytes": "1024",
        "learner.asyncSending": "false", "learner.closeSocketAsync": "false",
        "leader.closeSocketAsync": "false", "leader.ackLoggingFrequency": "1000",
        "leaderConnectDelayDuringRetryMs": "100", "follower.nodelay": "true", "leader.nodelay": "true",
        "follower.skipLearnerRequestToNextProcessor": "false",
        "forward_learner_requests_to_commit_processor_disabled": "false", "pathStats.enabled": "false",
        "pathStats.slotCapacity": "60", "messageTracker.Enabled": "false", "messageTracker.BufferSize": "10",
        "jvm.pause.monitor": "false", "jvm.pause.warn-threshold.ms": "10000",
    ]

    private static let security: KeyValuePairs = [
        "skipACL": "no", "DigestAuthenticationProvider.enabled": "true",
        "DigestAuthenticationProvider.superDigest": "super:1",
        "DigestAuthenticationProvider.digestAlg": "SHA1",
        "IPAuthenticationProvider.usexforwardedfor": "false", "X509AuthenticationProvider.superUser": "CN=a",
        "ssl.authProvider": "x509", "superUser": "a", "superUser.1": "b",
        "authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
        "ensembleAuthName": "e", "sessionRequireClientSASLAuth": "false", "allowSaslFailedClients": "false",
        "requireKerberosConfig": "false", "enforce.auth.enabled": "false", "enforce.auth.schemes": "digest",
        "sasl.serverconfig": "Server", "sasl.client": "true", "kerberos.removeHostFromPrincipal": "true",
        "kerberos.removeRealmFromPrincipal": "true", "kerberos.canonicalizeHostNames": "false",
        "kerberos.minReLoginTimeMs": "60000", "security.auth_to_local": "x", "letAnySaslUserDoX": "x",
        "quorum.auth.enableSasl": "false", "sslQuorum": "false", "portUnification": "false",
        "sslQuorumReloadCertFiles": "false", "ssl.quorum.keyStore.location": "/k",
        "client.certReload": "false",
        "fips-mode": "true", "4lw.commands.whitelist": "srvr", "audit.enable": "false",
        "audit.impl.class": "x", "zookeeper.auditlog.file": "/a", "zookeeper.auditlog.threshold": "INFO",
        "ssl.protocol": "TLSv1.3", "ssl.enabledProtocols": "TLSv1.3", "ssl.hostnameVerification": "true",
        "ssl.clientHostnameVerification": "true", "ssl.allowReverseDnsLookup": "false",
        "ssl.clientAuth": "need", "ssl.handshakeDetectionTimeoutMillis": "5000", "ssl.crl": "false",
        "ssl.ocsp": "false", "ssl.sslProvider": "JDK", "admin.enableServer": "false",
        "admin.serverAddress": "127.0.0.1", "admin.serverPort": "8080", "admin.idleTimeout": "30000",
        "admin.commandURL": "/commands", "admin.httpVersion": "11", "admin.portUnification": "false",
        "admin.forceHttps": "false", "admin.needClientAuth": "false",
        "admin.rateLimiterIntervalInMS": "300000", "admin.snapshot.enabled": "true",
        "admin.restore.enabled": "true",
    ]

    private static let metrics: KeyValuePairs = [
        "metricsProvider.className": "x", "metricsProvider.httpPort": "7000",
        "metricsProvider.httpHost": "0.0.0.0", "metricsProvider.httpsPort": "-1",
        "metricsProvider.exportJvmInfo": "true", "metricsProvider.numWorkerThreads": "1",
        "metricsProvider.maxQueueSize": "1000000", "metricsProvider.workerShutdownTimeoutMs": "1000",
        "metricsProvider.prometheusMetricsSummaryRotateIntervalSeconds": "60",
        "metricsProvider.ssl.keyStore.location": "/k", "metricsProvider.ssl.keyStore.password": "p",
        "metricsProvider.ssl.keyStore.type": "PEM", "metricsProvider.ssl.trustStore.location": "/t",
        "metricsProvider.ssl.trustStore.password": "p", "metricsProvider.ssl.trustStore.type": "PEM",
        "metricsProvider.ssl.need.client.auth": "true", "metricsProvider.ssl.want.client.auth": "true",
        "metricsProvider.ssl.enabledProtocols": "TLSv1.3", "metricsProvider.ssl.ciphersuites": "x",
    ]

    @Test(arguments: [basics, storage, load, security, metrics])
    func noneIsUnknown(_ keys: KeyValuePairs<String, String>) throws {
        var unknown: [String] = []
        for (key, value) in keys {
            let text = "dataDir=/data\nclientPort=2\n\(key)=\(value)\n"
            let (_, warnings) = try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg")
            #expect(warnings.count <= 1, "\(warnings)")
            if warnings.contains(where: { $0.contains("not a setting of this server") }) {
                unknown.append(key)
            }
        }
        #expect(unknown == [])
    }

    @Test func anObsoleteKeyIsSaidToBeOneInALineThatSaysWhy() throws {
        let text = "dataDir=/d\nclientPort=1\nnio.numWorkerThreads=8\nflushDelay=5\nelectionAlg=3\n"
        let (_, warnings) = try ServerConfiguration.reading(PropertiesText(text), file: "zoo.cfg")
        #expect(
            warnings == [
                "zoo.cfg, line 3: nio.numWorkerThreads: concerns a Java program's sockets; it has no effect",
                "zoo.cfg, line 4: flushDelay: a batch is whatever came while the last sync ran, without "
                    + "waiting; it has no effect",
                "zoo.cfg, line 5: electionAlg: concerns servers of an ensemble; it has no effect",
            ])
    }

    @Test func aSwitchThatStandsForGoodIsSilentInItsPosition() throws {
        let right = "forceSync=yes\ndigest.enabled=true\ndb.autocreate=true\ncloseSessionTxn.enabled=true\n"
        #expect(try warnings(of: right) == [])
        #expect(
            try warnings(of: "forceSync=no") == [
                "zoo.cfg, line 3: forceSync: every write is synced before it is acknowledged; no has no effect"
            ])
        #expect(throws: ConfigurationError.self) { try warnings(of: "forceSync=perhaps") }
    }

    private func warnings(of lines: String) throws -> [String] {
        let text = PropertiesText("dataDir=/d\nclientPort=1\n" + lines)
        return try ServerConfiguration.reading(text, file: "zoo.cfg").warnings
    }
}
