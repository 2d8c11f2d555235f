import Compression
import Metadata
import Sessions

/// Reads a zoo.cfg.
extension ServerConfiguration {
    /// Keys of Apache ZooKeeper that mean nothing to a standalone server of this kind, and whose presence
    /// says nothing about what the user expects of it. They are passed over in silence.
    private static let silentKeys: Set<String> = [
        "initLimit", "syncLimit", "connectToLearnerMasterLimit", "electionAlg", "peerType",
        "standaloneEnabled", "reconfigEnabled", "quorumListenOnAllIPs", "commitLogCount",
    ]
    private static let silentPrefixes = ["admin.", "metricsProvider."]

    /// The settings in a file's text, and a line of warning for each key that is not known.
    ///
    /// `file` is the name for messages.
    package static func reading(
        _ text: PropertiesText, file: String
    ) throws(ConfigurationError) -> (configuration: ServerConfiguration, warnings: [String]) {
        var settings = SettingsReader(file: file, text)
        var configuration = ServerConfiguration(
            dataDirectory: try settings.requiredText("dataDir", expecting: "the path of the data directory"),
            clientPort: 0)
        try configuration.takeNetwork(&settings, file: file)
        try configuration.takeTiming(&settings, file: file)
        let keepsEverything = try configuration.takeStorage(&settings)
        try configuration.takeLimits(&settings)
        try refuseEnsemble(&settings, file: file)
        var warnings = settings.remaining.filter { !isSilent($0.key) }.map {
            "\(file), line \($0.lineNumber): \($0.key): not a setting of this server; it has no effect"
        }
        if keepsEverything {
            warnings.append(
                "\(file): autopurge.purgeInterval: 0 does not switch purging off here; "
                    + "autopurge.snapRetainCount says how much is kept")
        }
        if configuration.retainedSnapshotCount > StoreMetadata.snapshotCountMax {
            warnings.append(
                "\(file): autopurge.snapRetainCount: \(StoreMetadata.snapshotCountMax) snapshots are kept at most"
            )
        }
        return (configuration, warnings)
    }

    private static func isSilent(_ key: String) -> Bool {
        silentKeys.contains(key) || silentPrefixes.contains { key.hasPrefix($0) }
    }

    private mutating func takeNetwork(
        _ settings: inout SettingsReader, file: String
    ) throws(ConfigurationError) {
        guard let port = try settings.integer("clientPort", in: 0...65_535, unit: "a TCP port") else {
            throw ConfigurationError(
                file: file, lineNumber: nil, key: "clientPort", problem: "is missing; a TCP port is required")
        }
        clientPort = port
        if let address = settings.text("clientPortAddress"), !address.isEmpty { clientAddress = address }
        if let backlog = try settings.integer(
            "clientPortListenBacklog", in: -1...65_535, unit: "connections"),
            backlog > 0
        {
            listenBacklog = backlog
        }
        if let count = try settings.integer("maxClientCnxns", in: 0...1_000_000, unit: "connections") {
            connectionsPerAddressMax = count
        }
        if let count = try settings.integer("maxCnxns", in: 0...10_000_000, unit: "connections") {
            connectionsMax = count
        }
        if let entry = settings.take("4lw.commands.whitelist") {
            guard let filter = FourLetterWordFilter(list: entry.value) else {
                throw settings.error(entry, expecting: "* or words of four letters with commas between them")
            }
            fourLetterWords = filter
        }
    }

    private mutating func takeTiming(
        _ settings: inout SettingsReader, file: String
    ) throws(ConfigurationError) {
        let milliseconds = 1...Int(Int32.max)
        let tick = try settings.integer("tickTime", in: milliseconds, unit: "milliseconds") ?? 3000
        let bounds = -1...Int(Int32.max)
        let minimumEntry = settings.peek("minSessionTimeout")
        let maximumEntry = settings.peek("maxSessionTimeout")
        let minimum = try settings.integer("minSessionTimeout", in: bounds, unit: "milliseconds") ?? -1
        let maximum = try settings.integer("maxSessionTimeout", in: bounds, unit: "milliseconds") ?? -1
        let least = minimum > 0 ? minimum : min(tick * 2, milliseconds.upperBound)
        let most = maximum > 0 ? maximum : min(tick * 20, milliseconds.upperBound)
        guard least <= most else {
            guard let low = minimumEntry?.lineNumber else {
                throw ConfigurationError(
                    file: file, lineNumber: maximumEntry?.lineNumber, key: "maxSessionTimeout",
                    problem: "\(most) ms is less than minSessionTimeout, \(least) ms (the default, 2 ticks); "
                        + "expected at least that")
            }
            let origin = maximumEntry.map { "line \($0.lineNumber)" } ?? "the default, 20 ticks"
            throw ConfigurationError(
                file: file, lineNumber: low, key: "minSessionTimeout",
                problem:
                    "\(least) ms is more than maxSessionTimeout, \(most) ms (\(origin)); expected at most that"
            )
        }
        timeouts = SessionTimeouts(
            tickMilliseconds: Int32(tick), minimumMilliseconds: Int32(least), maximumMilliseconds: Int32(most)
        )
    }

    /// Whether the file asks for nothing to be purged, which this server does not offer.
    private mutating func takeStorage(_ settings: inout SettingsReader) throws(ConfigurationError) -> Bool {
        var keepsEverything = false
        logDirectory = dataDirectory
        if let directory = settings.text("dataLogDir"), !directory.isEmpty { logDirectory = directory }
        if let count = try settings.integer("snapCount", in: 2...Int(Int32.max), unit: "records") {
            snapshotRecordCount = count
        }
        if let count = try settings.integer("snapSizeLimitInKb", in: -1...1 << 40, unit: "KiB"), count > 0 {
            snapshotLogByteCount = count << 10
        }
        if let count = try settings.integer("preAllocSize", in: 64...4_194_304, unit: "KiB") {
            segmentByteCount = count << 10
        }
        if let count = try settings.integer("autopurge.snapRetainCount", in: 1...1_000_000, unit: "snapshots")
        {
            retainedSnapshotCount = max(count, 3)
        }
        if let interval = try settings.duration(hoursIn: "autopurge.purgeInterval") {
            keepsEverything = interval == 0
        }
        let codecs: KeyValuePairs<String, Codec> = [
            "": .lz4, "none": .none, "lz4": .lz4, "snappy": .lz4, "gz": .zlib, "zlib": .zlib,
        ]
        if let codec = try settings.choice("snapshot.compression.method", of: codecs) {
            snapshotCodec = codec
        }
        return keepsEverything
    }

    private mutating func takeLimits(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let count = try settings.integer("jute.maxbuffer", in: 1024...10 << 20, unit: "bytes") {
            requestByteCountMax = count
        }
        if let count = try settings.integer("globalOutstandingLimit", in: 1...10_000_000, unit: "requests") {
            outstandingRequestsMax = count
        }
        try takeReaper(&settings)
        if let enabled = try settings.boolean("extendedTypesEnabled") { extendedTypesEnabled = enabled }
        if let skips = try settings.boolean("skipACL") { skipsACL = skips }
        superDigest = settings.text("DigestAuthenticationProvider.superDigest")
        if let inline = try settings.boolean("log.inlineSync") { syncsLoneWritesInline = inline }
        // A segment must hold the longest record with room to spare: a request, and its access list.
        segmentByteCount = max(segmentByteCount, requestByteCountMax * 4)
    }

    private mutating func takeReaper(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let milliseconds = 0...Int(Int32.max)
        if let period = try settings.integer(
            "znode.container.checkIntervalMs", in: 1...Int(Int32.max), unit: "milliseconds")
        {
            reaper.periodMilliseconds = period
        }
        if let count = try settings.integer("znode.container.maxPerMinute", in: 1...10_000_000, unit: "nodes")
        {
            reaper.countMaxPerMinute = count
        }
        if let most = try settings.integer(
            "znode.container.maxNeverUsedIntervalMs", in: milliseconds, unit: "milliseconds")
        {
            reaper.neverUsedMillisecondsMax = most
        }
    }

    /// One `server.N` line is a standalone server, as with Apache ZooKeeper; more are an ensemble.
    private static func refuseEnsemble(
        _ settings: inout SettingsReader, file: String
    ) throws(ConfigurationError) {
        let servers = settings.keys(beginningWith: "server.").compactMap { settings.take($0) }
        guard servers.count > 1 else { return }
        throw ConfigurationError(
            file: file, lineNumber: servers[1].lineNumber, key: servers[1].key,
            problem: "ensembles are not supported yet; expected at most one server line")
    }
}
