import DataTree
import Identifiers
import Logging
import Sessions
import Storage
import TransactionLog

/// What operators ask by the commands of four letters.
extension Core {
    /// Answers a command and closes the connection.
    ///
    /// - Parameter argument: what stands behind the letters of a command that takes something.
    func answer(_ word: FourLetterWord, argument: Int64 = 0, on connection: Connection) {
        // The four letters.
        statistics.noteRequest(byteCount: 0)
        connection.receivedCount &+= 1
        guard configuration.fourLetterWords.allows(word) else {
            connection.out.append(contentsOf: word.refusal.utf8)
            connection.closeAfterFlush()
            return
        }
        logger.debug("\(connection.remoteDescription): command \(word.rawValue)")
        var text = ReportText()
        append(word, argument, to: &text)
        connection.out.append(contentsOf: text.bytes)
        connection.closeAfterFlush()
    }

    private func append(_ word: FourLetterWord, _ argument: Int64, to text: inout ReportText) {
        switch word {
        case .ruok: text.append("imok")
        case .isro: text.append("rw")
        case .srvr: appendServer(withClients: false, to: &text)
        case .stat: appendServer(withClients: true, to: &text)
        case .cons:
            appendConnections(full: true, to: &text)
            text.append("\n")
        case .conf: text.append(configurationReport)
        case .dirs:
            let stored = configuration.storedByteCounts
            text.append("datadir_size: \(stored.snapshots)\nlogdir_size: \(stored.log)\n")
        case .dump: appendDump(to: &text)
        case .mntr: text.append(Measure.lines(measures))
        case .wchs: appendWatchSummary(to: &text)
        case .wchc: appendWatchesBySession(to: &text)
        case .wchp: appendWatchesByPath(to: &text)
        case .envi: text.append(EnvironmentReport.text)
        case .hash: appendDigests(to: &text)
        case .crst:
            resetConnectionStatistics()
            text.append("Connection stats reset.\n")
        case .srst:
            resetStatistics()
            text.append("Server stats reset.\n")
        case .gtmk: text.append(traceMask)
        case .stmk:
            traceMask = argument
            text.append(traceMask)
        case .telnetClose: break
        }
    }

    private func appendServer(withClients: Bool, to text: inout ReportText) {
        let latency = statistics.latencyMilliseconds
        text.append("Zookeeper version: \(ServerVersion.text)\n")
        if withClients {
            text.append("Clients:\n")
            appendConnections(full: false, to: &text)
            text.append("\n")
        }
        let lines = [
            "Latency min/avg/max: \(latency.minimum)/\(latency.average)/\(latency.maximum)",
            "Received: \(statistics.packetsReceived)", "Sent: \(statistics.packetsSent)",
            "Connections: \(connections.count)", "Outstanding: \(outstandingCount)",
            "Zxid: \(tree.lastAppliedZxid)", "Mode: standalone", "Node count: \(shownNodeCount)",
        ]
        text.append(lines.joined(separator: "\n") + "\n")
    }

    /// ZooKeeper has the root twice, as `` and as `/`, and counts both.
    var shownNodeCount: Int { tree.nodeCount + 1 }

    /// Likewise the length of its path.
    var shownDataByteCount: Int { tree.dataByteCount + 1 }

    private var configurationReport: String {
        let timeouts = configuration.timeouts
        let stored = configuration.storedByteCounts
        return [
            "clientPort=\(configuration.clientPort ?? -1)",
            "secureClientPort=\(configuration.tls.port ?? -1)",
            "dataDir=\(SystemFacts.absolute(configuration.dataDirectory))",
            "dataDirSize=\(stored.snapshots)",
            "dataLogDir=\(SystemFacts.absolute(configuration.logDirectory))", "dataLogSize=\(stored.log)",
            "tickTime=\(timeouts.tickMilliseconds)",
            "maxClientCnxns=\(configuration.admission.connectionsPerAddressMax)",
            "minSessionTimeout=\(timeouts.minimumMilliseconds)",
            "maxSessionTimeout=\(timeouts.maximumMilliseconds)",
            "clientPortListenBacklog=\(configuration.listenBacklog)", "serverId=0",
        ].joined(separator: "\n") + "\n"
    }

    /// The digests of the tree at every 128th zxid, to be compared with another server's.
    private func appendDigests(to text: inout ReportText) {
        for digest in tree.digestHistory {
            text.append(hexadecimal: digest.zxid.rawValue)
            text.append(": ")
            text.append(Int64(bitPattern: digest.digest))
            text.append("\n")
        }
    }

    func resetStatistics() {
        let start = statistics.start
        statistics = ServerStatistics()
        statistics.start = start
        tree.resetCounts()
    }
}
