import DataTree
import Sessions
import TransactionLog

/// What the server measures, under ZooKeeper's names with ZooKeeper's meaning, or under its own.
///
/// Its stages that a request passes from thread to thread are not here, since there are none: nothing is
/// shown that was not measured.
extension Core {
    /// Everything, as it stands now.
    package var measures: [Measure] { coreMeasures + Measure.ofSystem(withProcess: false) }

    /// What the core knows. Takes well under a millisecond of the loop; what is made of it, and what the system
    /// adds, is made elsewhere.
    package var coreMeasures: [Measure] {
        let log = logStatistics()
        var all: [Measure] = []
        all.reserveCapacity(256)
        all += stateMeasures
        all += trafficMeasures
        all += statistics.operations.measures
        all += statistics.firedWatches.measures
        all += statistics.ensembleAuthentication.measures
        all += namespaceMeasures
        all += storageMeasures(log)
        all += resumption?.measures ?? []
        all += audit?.measures ?? []
        all += ownMeasures(log)
        return all
    }

    private var stateMeasures: [Measure] {
        let latency = statistics.latencyMilliseconds
        return [
            .text("version", ServerVersion.text),
            .text("server_state", "standalone"),
            .gauge("avg_latency", decimal: latency.average),
            .gauge("max_latency", latency.maximum),
            .gauge("min_latency", latency.minimum),
            .gauge("packets_received", statistics.packetsReceived),
            .gauge("packets_sent", statistics.packetsSent),
            .gauge("num_alive_connections", connections.count),
            .gauge("outstanding_requests", outstandingCount),
            .gauge("uptime", (Clock.monotonicNanoseconds() - startedAt) / 1_000_000),
            .gauge("znode_count", shownNodeCount),
            .gauge("watch_count", tree.watchKindCount),
            .gauge("ephemerals_count", tree.ephemeralCount),
            .gauge("approximate_data_size", shownDataByteCount),
            .gauge("global_sessions", sessions.count),
            .gauge("local_sessions", 0),
            .gauge("last_client_response_size", statistics.lastResponseByteCount),
            .gauge("max_client_response_size", statistics.greatestResponseByteCount),
            .gauge("min_client_response_size", statistics.leastResponseByteCount),
            .gauge("outstanding_tls_handshake", tls?.handshakeCount ?? 0),
            .gauge("connection_drop_probability", decimal: connectionThrottle.dropChance),
            .gauge("non_mtls_remote_conn_count", statistics.plainRemoteConnections),
            .gauge("non_mtls_local_conn_count", statistics.plainLocalConnections),
        ]
    }

    private var trafficMeasures: [Measure] {
        [
            .counter("bytes_received_count", statistics.receivedByteCount),
            .counter("response_bytes", statistics.responseByteCount),
            .counter("watch_bytes", statistics.eventByteCount),
            .counter("connection_revalidate_count", statistics.sessionsResumed),
            .counter("connection_request_count", statistics.connectionRequests),
            .summary("connection_token_deficit", statistics.tokenDeficits),
            .counter("connection_rejected", statistics.connectionsRejected),
            .counter("connection_drop_count", statistics.connectionsDropped),
            .counter("sessionless_connections_expired", statistics.sessionlessExpired),
            .counter("stale_sessions_expired", statistics.sessionsExpired),
            .counter("large_requests_rejected", statistics.largeRequestsRejected),
            .counter("stale_requests", statistics.staleRequests),
            .counter("stale_requests_dropped", statistics.staleRequestsDropped),
            .counter("stale_replies", statistics.staleReplies),
            .counter("throttled_ops", statistics.throttledOperations),
            .counter("request_throttle_wait_count", statistics.requestThrottleWaits),
            .summary("request_throttle_queue_time_ms", statistics.throttleMilliseconds, .advanced),
            .gauge("auth_failed_count", statistics.authFailures),
            .counter("unsuccessful_handshake", statistics.handshakesFailed),
            .counter("tls_handshake_exceeded", statistics.handshakesRefused),
            .summary("readlatency", statistics.readMicroseconds, dividedBy: 1000, .advanced),
            .summary("updatelatency", statistics.writeMicroseconds, dividedBy: 1000, .advanced),
        ]
    }

    private func storageMeasures(_ log: LogStatistics) -> [Measure] {
        let start = statistics.start
        return [
            .summary("fsynctime", log.syncMicroseconds, dividedBy: 1000),
            .counter("fsync_threshold_exceed_count", statistics.slowSyncs),
            .counter("sync_processor_request_queued", log.recordCount),
            .summary("sync_processor_batch_size", log.batchRecordCounts),
            .summary("sync_processor_queue_size", statistics.queueDepths),
            .summary("snapshottime", housekeeping?.snapshotMilliseconds ?? Histogram()),
            .counter("snapshot_error_count", housekeeping?.snapshotErrorCount ?? 0),
            .summary("restore_time", statistics.restoreMilliseconds),
            .counter("restore_error_count", statistics.restoreErrorCount),
            .summary("dbinittime", Histogram(of: start.allMilliseconds)),
            .summary("startup_snap_load_time", Histogram(of: start.snapshotMilliseconds)),
            .summary("startup_txns_load_time", Histogram(of: start.replayMilliseconds)),
            .summary("startup_txns_loaded", Histogram(of: UInt64(start.replayedRecordCount))),
            .counter("digest_mismatches_count", digestMismatchCount),
            .counter("unrecoverable_error_count", hasFailed ? 1 : 0),
        ]
    }

    /// By the first name of a path. Bytes of reads and writes as ZooKeeper estimates them: each with its path,
    /// reads with a stat.
    private var namespaceMeasures: [Measure] {
        let quotas = tree.quotaFigures
        func gauges(_ name: String, _ figure: (QuotaFigures) -> Int64) -> Measure {
            Measure(name, .gauges(quotas.map { .init($0.name, .integer(figure($0.figures))) }))
        }
        func amounts(_ counts: NamespaceCounts) -> [Measure.Keyed<Measure.Amounts>] {
            counts.all.map { .init($0.name, Measure.Amounts($0.amounts)) }
        }
        return [
            Measure("read_per_namespace", .amounts(amounts(tree.counts.reads))),
            Measure("write_per_namespace", .amounts(amounts(tree.counts.writes))),
            gauges("quota_count_limit_per_namespace", \.countLimit),
            gauges("quota_bytes_limit_per_namespace", \.byteCountLimit),
            gauges("quota_count_usage_per_namespace", \.count),
            gauges("quota_bytes_usage_per_namespace", \.byteCount),
            Measure(
                "quota_exceeded_error_per_namespace",
                .counters(tree.counts.quotaRefusals.all.map { .init($0.name, $0.amounts.sum) })),
            .counter("ttl_node_created_count", tree.counts.timedNodesCreated),
            .counter("ttl_node_deleted_count", tree.counts.timedNodesDeleted),
        ]
    }

    /// Microseconds, where ZooKeeper's milliseconds would all be 0, and what only this server has.
    private func ownMeasures(_ log: LogStatistics) -> [Measure] {
        let reads = statistics.readMicroseconds
        let writes = statistics.writeMicroseconds
        return [
            .gauge("aviary_p50_sync_us", log.syncMicroseconds.percentile(0.5)),
            .gauge("aviary_p99_sync_us", log.syncMicroseconds.percentile(0.99)),
            .gauge("aviary_max_sync_us", log.syncMicroseconds.max),
            .gauge("aviary_p50_update_us", writes.percentile(0.5)),
            .gauge("aviary_p99_update_us", writes.percentile(0.99)),
            .gauge("aviary_p50_read_us", reads.percentile(0.5)),
            .gauge("aviary_p99_read_us", reads.percentile(0.99)),
            .counter("aviary_log_batches", log.batchCount),
            .counter("aviary_log_records", log.recordCount),
            .counter("aviary_log_bytes", log.storedByteCount),
            .counter("aviary_log_segment_rolls", log.rollCount),
            .counter("aviary_log_prepare_lags", log.prepareLagCount),
            .counter("aviary_log_idle_promises", log.idlePromiseCount),
            .counter("aviary_inline_commits", statistics.inlineCommits),
            .counter("aviary_handed_over_batches", statistics.handedOverBatches),
            .gauge("aviary_p99_queue_depth", statistics.queueDepths.percentile(0.99)),
            .gauge("aviary_outstanding_bytes", outstandingByteCount),
            .counter("aviary_sockets_opened", statistics.socketsOpened),
            .counter("aviary_connections_cut", statistics.connectionsCut),
            .gauge("aviary_backlog_bytes", backlogByteCount),
            .counter("aviary_watch_events_sent", statistics.watchEventsSent),
            .counter("aviary_refused_for_space", statistics.refusedForSpace),
            .gauge("aviary_disk_is_full", isShortOfSpace ? 1 : 0),
            .gauge("aviary_tree_reserved_bytes", tree.reservedByteCount),
            .gauge("aviary_quota_count", tree.quotaCount),
            .gauge("aviary_longest_turn_ms", pauses.longestMilliseconds),
        ]
    }
}
