import Server

/// Commands about the server as a whole.
extension AdminAnswer {
    static func configuration(_ configuration: ServerConfiguration) -> AdminAnswer {
        let directories = configuration.absoluteDirectories
        let times = configuration.shownTimes
        return AdminAnswer(fields: [
            ("client_port", JSON(configuration.clientPort ?? -1)),
            ("data_dir", .text(directories.data)),
            ("data_log_dir", .text(directories.log)),
            ("tick_time", JSON(times.tick)),
            ("max_client_cnxns", JSON(configuration.admission.connectionsPerAddressMax)),
            ("min_session_timeout", JSON(times.minimum)),
            ("max_session_timeout", JSON(times.maximum)),
            ("server_id", .integer(0)),
            ("client_port_listen_backlog", JSON(configuration.listenBacklog)),
        ])
    }

    static func dirs(_ stored: (snapshots: Int, log: Int)) -> AdminAnswer {
        AdminAnswer(fields: [
            ("datadir_size", JSON(stored.snapshots)), ("logdir_size", JSON(stored.log)),
        ])
    }

    static var environment: AdminAnswer {
        AdminAnswer(fields: EnvironmentReport.lines.map { ($0.0, .text($0.1)) })
    }

    /// What of Java's properties is true of this process, then each setting as the Java property that Apache's
    /// server would have it in. Secrets are not shown.
    static func systemProperties(_ configuration: ServerConfiguration) -> AdminAnswer {
        var properties: [(name: String, value: JSON)] = [
            ("file.encoding", .text("UTF-8")), ("file.separator", .text("/")),
            ("line.separator", .text("\n")),
            ("path.separator", .text(":")),
        ]
        for line in EnvironmentReport.lines
        where line.0.hasPrefix("user.") || ["os.name", "os.arch", "os.version"].contains(line.0) {
            properties.append((line.0, .text(line.1)))
        }
        for setting in configuration.given {
            properties.append(("zookeeper.\(setting.key)", .text(setting.value)))
        }
        return AdminAnswer(fields: properties.sorted { $0.name < $1.name })
    }

    /// The settings as they were read, a line each. Comments are left out, and secrets are not shown.
    static func initialConfiguration(_ configuration: ServerConfiguration) -> AdminAnswer {
        let lines = configuration.given.map { "\($0.writtenKey)=\($0.value)\n" }
        return AdminAnswer(fields: [("initial_configuration", .text(lines.joined()))])
    }

    static func lastSnapshot(_ moment: SnapshotMoment?) -> AdminAnswer {
        let zxid = UInt64(bitPattern: moment?.zxid ?? -1)
        return AdminAnswer(fields: [
            ("zxid", .text(String(zxid, radix: 16))), ("timestamp", .integer(moment?.seconds ?? -1)),
        ])
    }

    static func monitor(_ measures: [Measure]) -> AdminAnswer {
        AdminAnswer(
            fields: measures.flatMap(\.figures).map { name, figure in
                switch figure {
                case .text(let text): (name, .text(text))
                case .integer(let integer): (name, .integer(integer))
                case .decimal(let decimal): (name, .decimal(decimal))
                }
            })
    }

    static func serverStats(_ facts: ServerFacts, stored: (snapshots: Int, log: Int)) -> AdminAnswer {
        let responses = JSON.object([
            ("last_buffer_size", JSON(facts.lastResponseByteCount)),
            ("min_buffer_size", JSON(facts.leastResponseByteCount)),
            ("max_buffer_size", JSON(facts.greatestResponseByteCount)),
        ])
        let stats: [(name: String, value: JSON)] = [
            ("packets_sent", JSON(facts.packetsSent)),
            ("packets_received", JSON(facts.packetsReceived)),
            ("fsync_threshold_exceed_count", JSON(facts.slowSyncCount)),
            ("client_response_stats", responses),
            ("provider_null", .boolean(false)),
            ("data_dir_size", JSON(stored.snapshots)),
            ("log_dir_size", JSON(stored.log)),
            ("last_processed_zxid", .integer(facts.lastZxid)),
            ("outstanding_requests", JSON(facts.outstandingCount)),
            ("server_state", .text("standalone")),
            ("avg_latency", .decimal(facts.meanLatency)),
            ("max_latency", JSON(facts.greatestLatency)),
            ("min_latency", JSON(facts.minimumLatency)),
            ("num_alive_client_connections", JSON(facts.connectionCount)),
            ("auth_failed_count", JSON(facts.authFailureCount)),
            ("non_mtlsremote_conn_count", .integer(0)),
            ("non_mtlslocal_conn_count", .integer(0)),
            ("uptime", .integer(facts.uptimeMilliseconds)),
        ]
        return AdminAnswer(fields: [
            ("version", .text(ServerVersion.text)),
            ("read_only", .boolean(false)),
            ("server_stats", .object(stats)),
            ("client_response", responses),
            ("node_count", JSON(facts.nodeCount)),
        ])
    }
}
