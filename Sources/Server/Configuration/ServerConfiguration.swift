import Compression
import Sessions

/// Everything a server is told at its start, as one value.
package struct ServerConfiguration: Sendable {
    /// Snapshots, metadata slots and the lock.
    package var dataDirectory: String
    /// The transaction log; the data directory unless said otherwise.
    package var logDirectory: String
    /// The address that clients connect to; nil is every address, IPv4 and IPv6.
    package var clientAddress: String?
    /// 0 lets the kernel choose; nil, if there is a secure port, is none.
    package var clientPort: Int?
    package var listenBacklog: Int = 1024
    package var timeouts = SessionTimeouts(tickMilliseconds: 3000)
    /// Files and sockets that the process may have open, -1 if nobody knows. Connections are refused a
    /// little below.
    package var openFileCountMax = SystemFacts.openFileCountMax
    /// The longest frame a client may send, in bytes.
    package var requestByteCountMax = 0xf_ffff
    /// Records after which a snapshot is due; the server draws between half of it and all of it.
    package var snapshotRecordCount = 100_000
    /// Bytes of log after which a snapshot is due, drawn likewise.
    package var snapshotLogByteCount = 4_194_304 << 10
    package var snapshotCodec = Codec.lz4
    package var segmentByteCount = 64 << 20
    /// Verified snapshots that are kept, at least 3; older ones, and log that only they need, go after each
    /// new one.
    package var retainedSnapshotCount = 3
    package var fourLetterWords = FourLetterWordFilter.only([.srvr])
    /// A single request in flight is synced by the event loop itself, without the log thread.
    package var syncsLoneWritesInline = true
    package var servers = ServerLines()
    /// A missing data directory is made; if not, it ends the start.
    package var createsDirectories = true
    /// A sync of the log that takes longer gets a line in the server's log.
    package var slowSyncMilliseconds = 1000
    package var admission = AdmissionSettings()
    package var connectionThrottle = ConnectionThrottleSettings()
    package var requestThrottle = RequestThrottleSettings()
    package var access = AccessSettings()
    package var authentication = AuthenticationSettings()
    package var tls = TLSSettings()
    package var nodes = NodeSettings()
    package var reaper = ReaperSchedule()
    package var watchCatchUp = WatchCatchUpSettings()
    package var audit = AuditSettings()
    package var admin = AdminSettings()
    /// What it was read from, in the order of the file; empty if it was made by a program.
    package var given: [ShownSetting] = []
    package var metrics = MetricsSettings()

    package init(dataDirectory: String, clientPort: Int?) {
        self.dataDirectory = dataDirectory
        logDirectory = dataDirectory
        self.clientPort = clientPort
    }
}
