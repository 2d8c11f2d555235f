import DataTree
import Identifiers
import Sessions
import Storage

/// The figures of `srvr`, as they stand at one moment.
package struct ServerFacts: Sendable {
    package let packetsReceived: UInt64
    package let packetsSent: UInt64
    package let slowSyncCount: UInt64
    /// Bytes of one reply; -1 until there is one.
    package let lastResponseByteCount: Int
    package let leastResponseByteCount: Int
    package let greatestResponseByteCount: Int
    package let lastZxid: Int64
    package let outstandingCount: Int
    /// Milliseconds.
    package let minimumLatency: UInt64
    package let meanLatency: Double
    package let greatestLatency: UInt64
    package let connectionCount: Int
    package let authFailureCount: UInt64
    package let uptimeMilliseconds: Int64
    package let nodeCount: Int

    init(_ core: Core) {
        let statistics = core.statistics
        let latency = statistics.latencyMilliseconds
        packetsReceived = statistics.packetsReceived
        packetsSent = statistics.packetsSent
        slowSyncCount = statistics.slowSyncs
        lastResponseByteCount = statistics.lastResponseByteCount
        leastResponseByteCount = statistics.leastResponseByteCount
        greatestResponseByteCount = statistics.greatestResponseByteCount
        lastZxid = core.tree.lastAppliedZxid.rawValue
        outstandingCount = core.outstandingCount
        minimumLatency = latency.minimum
        meanLatency = latency.average
        greatestLatency = latency.maximum
        connectionCount = core.connections.count
        authFailureCount = statistics.authFailures
        uptimeMilliseconds = (Clock.monotonicNanoseconds() - core.startedAt) / 1_000_000
        nodeCount = core.shownNodeCount
    }
}

/// The tree's digest after a record.
package struct DigestFacts: Sendable {
    package let zxid: Int64
    package let digest: UInt64
}

/// When a snapshot was finished, and what is in it.
package struct SnapshotMoment: Sendable {
    package let zxid: Int64
    /// Since 1970.
    package let seconds: Int64

    init(zxid: Int64, seconds: Int64) {
        self.zxid = zxid
        self.seconds = seconds
    }

    /// Of the snapshot that a start loaded; nil if it loaded none.
    init?(of report: StorageReport) {
        guard let path = report.snapshotPath else { return nil }
        self.init(zxid: report.snapshotZxid.rawValue, seconds: SystemFacts.modificationSeconds(path))
    }
}

extension ServerObserver {
    package func serverFacts() async throws(NotServingError) -> ServerFacts {
        try await ask { ServerFacts($0) }
    }

    /// The tree's digests at every 128th zxid, at most 1024.
    package func digests() async throws(NotServingError) -> [DigestFacts] {
        try await ask { core in
            core.tree.digestHistory.map { DigestFacts(zxid: $0.zxid.rawValue, digest: $0.digest) }
        }
    }

    /// Of this run, or the one that this run began with; nil if there is none.
    package func lastSnapshot() async throws(NotServingError) -> SnapshotMoment? {
        try await ask { $0.housekeeping?.lastSnapshot }
    }
}

extension ServerConfiguration {
    /// The lengths of all snapshots and of all of the log. Looks at the directories, so it may block.
    package var storedByteCounts: (snapshots: Int, log: Int) {
        (
            SystemFacts.byteCount(below: StorageConfiguration.snapshotPath(in: dataDirectory)),
            SystemFacts.byteCount(below: StorageConfiguration.logPath(in: logDirectory))
        )
    }

    /// Milliseconds: the tick, and the bounds of sessions' timeouts.
    package var shownTimes: (tick: Int, minimum: Int, maximum: Int) {
        (
            Int(timeouts.tickMilliseconds), Int(timeouts.minimumMilliseconds),
            Int(timeouts.maximumMilliseconds)
        )
    }

    /// The two directories from the root on.
    package var absoluteDirectories: (data: String, log: String) {
        (SystemFacts.absolute(dataDirectory), SystemFacts.absolute(logDirectory))
    }
}
