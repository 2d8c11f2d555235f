import DataTree
import Identifiers
import Sessions
import Storage
import TransactionLog

/// What operators ask.
extension Core {
    /// Answers a command and closes the connection.
    func answer(_ word: FourLetterWord, on connection: Connection) {
        statistics.packetsReceived &+= 1
        let text = configuration.fourLetterWords.allows(word) ? report(word) : word.refusal
        connection.out.append(contentsOf: text.utf8)
        statistics.packetsSent &+= 1
        connection.closeAfterFlush()
    }

    private func report(_ word: FourLetterWord) -> String {
        switch word {
        case .ruok: "imok"
        case .isro: "rw"
        case .srvr: serverReport(withClients: false)
        case .stat: serverReport(withClients: true)
        case .cons: connections.all.map { line($0, full: true) + "\n" }.joined() + "\n"
        case .conf: configurationReport
        case .dirs: "datadir_size: \(snapshotByteCount)\nlogdir_size: \(logByteCount)\n"
        case .mntr: monitorReport
        case .wchs: watchReport
        case .envi: environmentReport
        case .crst: resetConnectionStatistics()
        case .srst: resetStatistics()
        }
    }

    private func serverReport(withClients: Bool) -> String {
        let latency = statistics.latencyMilliseconds
        var lines = ["Zookeeper version: \(ServerVersion.text)"]
        if withClients {
            lines.append("Clients:")
            lines += connections.all.map { line($0, full: false) }
            lines.append("")
        }
        lines += [
            "Latency min/avg/max: \(latency.minimum)/\(latency.average)/\(latency.maximum)",
            "Received: \(statistics.packetsReceived)", "Sent: \(statistics.packetsSent)",
            "Connections: \(connections.count)", "Outstanding: \(outstandingCount)",
            "Zxid: \(tree.lastAppliedZxid)", "Mode: standalone", "Node count: \(tree.nodeCount)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ connection: Connection, full: Bool) -> String {
        var line =
            " \(connection.remoteDescription)[\(connection.phase == .fresh ? 0 : 1)]"
            + "(queued=\(connection.pendingCount),recved=\(connection.receivedCount),sent=\(connection.sentCount)"
        if full, connection.sessionID != .none {
            line += ",sid=\(connection.sessionID),to=\(connection.sessionTimeout)"
        }
        return line + ")"
    }

    private var configurationReport: String {
        let timeouts = configuration.timeouts
        return [
            "clientPort=\(configuration.clientPort)", "secureClientPort=-1",
            "dataDir=\(configuration.dataDirectory)", "dataDirSize=\(snapshotByteCount)",
            "dataLogDir=\(configuration.logDirectory)", "dataLogSize=\(logByteCount)",
            "tickTime=\(timeouts.tickMilliseconds)",
            "maxClientCnxns=\(configuration.admission.connectionsPerAddressMax)",
            "minSessionTimeout=\(timeouts.minimumMilliseconds)",
            "maxSessionTimeout=\(timeouts.maximumMilliseconds)",
            "clientPortListenBacklog=\(configuration.listenBacklog)", "serverId=0",
        ].joined(separator: "\n") + "\n"
    }

    /// The lengths of all files with the snapshots.
    private var snapshotByteCount: Int {
        SystemFacts.byteCount(below: StorageConfiguration.snapshotPath(in: configuration.dataDirectory))
    }

    /// The lengths of all files of the log, prepared segments included.
    private var logByteCount: Int {
        SystemFacts.byteCount(below: StorageConfiguration.logPath(in: configuration.logDirectory))
    }

    private var watchReport: String {
        "\(tree.watcherCount) connections watching \(tree.watchedPathCount) paths\n"
            + "Total watches:\(tree.watchCount)\n"
    }

    private var environmentReport: String {
        "Environment:\nzookeeper.version=\(ServerVersion.text)\nhost.name=\(SystemFacts.hostName)\n"
            + "os.name=Linux\nos.arch=\(SystemFacts.machine)\nos.version=\(SystemFacts.kernelRelease)\n"
    }

    private func resetConnectionStatistics() -> String {
        for connection in connections.all {
            connection.receivedCount = 0
            connection.sentCount = 0
        }
        return "Connection stats reset.\n"
    }

    private func resetStatistics() -> String {
        let start = statistics.start
        statistics = ServerStatistics()
        statistics.start = start
        return "Server stats reset.\n"
    }
}
