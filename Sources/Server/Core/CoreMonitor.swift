import DataTree
import Sessions
import TransactionLog

/// `mntr`: one line a measure, name and value with a tab between them. Names that ZooKeeper has mean
/// what they mean there; those that begin with `aviary` are this server's own.
extension Core {
    var monitorReport: String {
        let log = logStatistics()
        let operations = statistics.operations.measures.map { ("op_count_\($0)", "\($1)") }
        let all = serverMeasures + operations + summaries(log) + ownMeasures(log)
        return all.map { "zk_\($0)\t\($1)\n" }.joined()
    }

    private var serverMeasures: [(String, String)] {
        let latency = statistics.latencyMilliseconds
        return [
            ("version", ServerVersion.text),
            ("server_state", "standalone"),
            ("avg_latency", "\(latency.average)"),
            ("max_latency", "\(latency.maximum)"),
            ("min_latency", "\(latency.minimum)"),
            ("packets_received", "\(statistics.packetsReceived)"),
            ("packets_sent", "\(statistics.packetsSent)"),
            ("num_alive_connections", "\(connections.count)"),
            ("outstanding_requests", "\(outstandingCount)"),
            ("uptime", "\((Clock.monotonicNanoseconds() - startedAt) / 1_000_000)"),
            ("znode_count", "\(shownNodeCount)"),
            ("watch_count", "\(tree.watchKindCount)"),
            ("ephemerals_count", "\(tree.ephemeralCount)"),
            ("approximate_data_size", "\(shownDataByteCount)"),
            ("global_sessions", "\(sessions.count)"),
            ("local_sessions", "0"),
            ("open_file_descriptor_count", "\(SystemFacts.openFileCount)"),
            ("max_file_descriptor_count", "\(SystemFacts.openFileCountMax)"),
            ("last_client_response_size", "\(statistics.lastResponseByteCount)"),
            ("max_client_response_size", "\(statistics.greatestResponseByteCount)"),
            ("min_client_response_size", "\(statistics.leastResponseByteCount)"),
            ("bytes_received_count", "\(statistics.receivedByteCount)"),
            ("response_bytes", "\(statistics.responseByteCount)"),
            ("watch_bytes", "\(statistics.eventByteCount)"),
            ("connection_revalidate_count", "\(statistics.sessionsResumed)"),
            ("unrecoverable_error_count", hasFailed ? "1" : "0"),
            ("fsync_threshold_exceed_count", "\(statistics.slowSyncs)"),
            ("connection_request_count", "\(statistics.connectionRequests)"),
            ("connection_rejected", "\(statistics.connectionsRejected)"),
            ("connection_drop_count", "\(statistics.connectionsDropped)"),
            ("sessionless_connections_expired", "\(statistics.sessionlessExpired)"),
            ("stale_sessions_expired", "\(statistics.sessionsExpired)"),
            ("large_requests_rejected", "\(statistics.largeRequestsRejected)"),
            ("stale_requests_dropped", "\(statistics.staleRequestsDropped)"),
            ("throttled_ops", "\(statistics.throttledOperations)"),
            ("request_throttle_wait_count", "\(statistics.requestThrottleWaits)"),
            ("auth_failed_count", "\(statistics.authFailures)"),
            ("outstanding_tls_handshake", "\(tls?.handshakeCount ?? 0)"),
            ("unsuccessful_handshake", "\(statistics.handshakesFailed)"),
            ("tls_handshake_exceeded", "\(statistics.handshakesRefused)"),
            ("digest_mismatches_count", "\(digestMismatchCount)"),
        ]
    }

    /// What ZooKeeper has as summaries. Its stages that a request passes from thread to thread are not
    /// here, since there are none: nothing is printed that was not measured.
    private func summaries(_ log: LogStatistics) -> [(String, String)] {
        var measures: [(String, String)] = []
        measures += summary("fsynctime", log.syncMicroseconds, dividedBy: 1000)
        measures += summary("sync_processor_batch_size", log.batchRecordCounts)
        measures += summary("sync_processor_queue_size", statistics.queueDepths)
        measures += detailedSummary("readlatency", statistics.readMicroseconds, dividedBy: 1000)
        measures += detailedSummary("updatelatency", statistics.writeMicroseconds, dividedBy: 1000)
        measures += summary("snapshottime", housekeeping?.snapshotMilliseconds ?? Histogram())
        measures += [("snapshot_error_count", "\(housekeeping?.snapshotErrorCount ?? 0)")]
        measures += resumption?.measures ?? []
        let start = statistics.start
        measures += summary("dbinittime", Histogram(of: start.allMilliseconds))
        measures += summary("startup_snap_load_time", Histogram(of: start.snapshotMilliseconds))
        measures += summary("startup_txns_load_time", Histogram(of: start.replayMilliseconds))
        measures += summary("startup_txns_loaded", Histogram(of: UInt64(start.replayedRecordCount)))
        return measures
    }

    private func ownMeasures(_ log: LogStatistics) -> [(String, String)] {
        [
            ("aviary_p50_sync_us", "\(log.syncMicroseconds.percentile(0.5))"),
            ("aviary_p99_sync_us", "\(log.syncMicroseconds.percentile(0.99))"),
            ("aviary_max_sync_us", "\(log.syncMicroseconds.max)"),
            ("aviary_p50_update_us", "\(statistics.writeMicroseconds.percentile(0.5))"),
            ("aviary_p99_update_us", "\(statistics.writeMicroseconds.percentile(0.99))"),
            ("aviary_p50_read_us", "\(statistics.readMicroseconds.percentile(0.5))"),
            ("aviary_p99_read_us", "\(statistics.readMicroseconds.percentile(0.99))"),
            ("aviary_log_batches", "\(log.batchCount)"),
            ("aviary_log_records", "\(log.recordCount)"),
            ("aviary_log_bytes", "\(log.storedByteCount)"),
            ("aviary_log_segment_rolls", "\(log.rollCount)"),
            ("aviary_log_prepare_lags", "\(log.prepareLagCount)"),
            ("aviary_log_idle_promises", "\(log.idlePromiseCount)"),
            ("aviary_inline_commits", "\(statistics.inlineCommits)"),
            ("aviary_handed_over_batches", "\(statistics.handedOverBatches)"),
            ("aviary_p99_queue_depth", "\(statistics.queueDepths.percentile(0.99))"),
            ("aviary_outstanding_bytes", "\(outstandingByteCount)"),
            ("aviary_connections_cut", "\(statistics.connectionsCut)"),
            ("aviary_backlog_bytes", "\(backlogByteCount)"),
            ("aviary_watch_events_sent", "\(statistics.watchEventsSent)"),
            ("aviary_refused_for_space", "\(statistics.refusedForSpace)"),
            ("aviary_disk_is_full", isShortOfSpace ? "1" : "0"),
            ("aviary_tree_reserved_bytes", "\(tree.reservedByteCount)"),
        ]
    }

    /// ZooKeeper's five lines for a measured quantity; whole units, the mean with four decimals.
    private func summary(
        _ name: String, _ histogram: Histogram, dividedBy divisor: UInt64 = 1
    ) -> [(String, String)] {
        let mean =
            histogram.count == 0 ? 0 : Double(histogram.sum) / Double(histogram.count) / Double(divisor)
        return [
            ("avg_\(name)", "\((mean * 10_000).rounded() / 10_000)"),
            ("min_\(name)", "\(histogram.min / divisor)"),
            ("max_\(name)", "\(histogram.max / divisor)"),
            ("cnt_\(name)", "\(histogram.count)"),
            ("sum_\(name)", "\(histogram.sum / divisor)"),
        ]
    }

    /// The same with the four percentiles of those that ZooKeeper watches closely.
    private func detailedSummary(
        _ name: String, _ histogram: Histogram, dividedBy divisor: UInt64
    ) -> [(String, String)] {
        let percentiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)]
        return summary(name, histogram, dividedBy: divisor)
            + percentiles.map { ("\($0)_\(name)", "\(histogram.percentile($1) / divisor)") }
    }
}

extension Histogram {
    /// Of one value, or of none.
    fileprivate init(of value: UInt64?) {
        self.init()
        if let value { record(value) }
    }
}
