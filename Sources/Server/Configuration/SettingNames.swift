/// The names under which one setting is known: a key of zoo.cfg, and Java properties of Apache's server.
enum SettingNames {
    static let prefix = "zookeeper."

    /// The key by which this server knows a name: without `zookeeper.`, and of several names the first.
    static func key(of name: String) -> String {
        let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        return otherNames[bare] ?? bare
    }

    /// Whether a Java property by this name concerns the server at all: most of those that a JVM is given
    /// (`com.sun.management...`, `file.encoding`) do not.
    static func isServerProperty(_ name: String) -> Bool {
        name.hasPrefix(prefix) || propertiesWithoutPrefix.contains(name)
    }

    /// Apache's server reads these with no `zookeeper.` in front.
    private static let propertiesWithoutPrefix: Set<String> = [
        "readonlymode.enabled", "jute.maxbuffer", "znode.container.checkIntervalMs",
        "znode.container.maxPerMinute", "znode.container.maxNeverUsedIntervalMs",
        "java.security.auth.login.config", "follower.nodelay", "leader.nodelay", "fsync.warningthresholdms",
        "request_throttle_drop_stale", "learner.closeSocketAsync", "leader.closeSocketAsync",
        "learner.asyncSending",
    ]

    /// Properties that are not the key with `zookeeper.` before it, and keys with several spellings.
    private static let otherNames: [String: String] = [
        "observer.syncEnabled": "syncEnabled",
        "connection_throttle_tokens": "connectionMaxTokens",
        "connection_throttle_fill_time": "connectionTokenFillTime",
        "connection_throttle_fill_count": "connectionTokenFillCount",
        "connection_throttle_freeze_time": "connectionFreezeTime",
        "connection_throttle_drop_increase": "connectionDropIncrease",
        "connection_throttle_drop_decrease": "connectionDropDecrease",
        "connection_throttle_decrease_ratio": "connectionDecreaseRatio",
        "request_throttle_max_requests": "requestThrottleLimit",
        "request_throttle_stall_time": "requestThrottleStallTime",
        "request_throttle_drop_stale": "requestThrottleDropStale",
        "request_stale_latency_check": "requestStaleLatencyCheck",
        "request_stale_connection_check": "requestStaleConnectionCheck",
        "throttled_op_wait_time": "throttledOpWaitTime",
        "netty.server.outstandingHandshake.limit": "outstandingHandshake.limit",
        "advancedFlowControlEnabled": "netty.advancedFlowControl.enabled",
        "maxConcurrentSnapSyncs": "leader.maxConcurrentSnapSyncs",
        "maxConcurrentDiffSyncs": "leader.maxConcurrentDiffSyncs",
        "maxTimeToWaitForEpoch": "leader.maxTimeToWaitForEpoch",
        "java.security.login.auth.config": "java.security.auth.login.config",
    ]
}
