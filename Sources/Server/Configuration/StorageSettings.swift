import Compression
import Metadata

/// What lies on the disk, and when it is written.
extension ServerConfiguration {
    mutating func takeStorage(_ settings: inout SettingsReader) throws(ConfigurationError) {
        logDirectory = dataDirectory
        if let directory = settings.text("dataLogDir"), !directory.isEmpty { logDirectory = directory }
        if let count = try settings.integer("snapCount", in: 2...Int(Int32.max), unit: "records") {
            snapshotRecordCount = count
        }
        if let count = try settings.integer("snapSizeLimitInKb", in: -1...1 << 40, unit: "KiB"), count > 0 {
            snapshotLogByteCount = count << 10
        }
        if let count = try settings.integer(
            "preAllocSize", in: Self.segmentKibibytesMin...4_194_304, unit: "KiB")
        {
            segmentByteCount = count << 10
        }
        if let count = try settings.integer("txnLogSizeLimitInKb", in: -1...1 << 40, unit: "KiB"), count > 0 {
            segmentByteCount = min(segmentByteCount, max(count, Self.segmentKibibytesMin) << 10)
        }
        // A segment must hold the longest record with room to spare: a request, and its access list.
        segmentByteCount = max(segmentByteCount, requestByteCountMax * 4)
        try takeRetention(&settings)
        let codecs: KeyValuePairs<String, Codec> = [
            "": .lz4, "none": .none, "lz4": .lz4, "snappy": .lz4, "gz": .zlib, "zlib": .zlib,
        ]
        if let codec = try settings.choice("snapshot.compression.method", of: codecs) {
            snapshotCodec = codec
        }
        if let limit = try settings.integer(
            "fsync.warningthresholdms", in: 1...Int(Int32.max), unit: "milliseconds")
        {
            slowSyncMilliseconds = limit
        }
        if let creates = try settings.boolean("datadir.autocreate") { createsDirectories = creates }
        if let inline = try settings.boolean("log.inlineSync") { syncsLoneWritesInline = inline }
    }

    private static var segmentKibibytesMin: Int { 64 }

    private mutating func takeRetention(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let countEntry = settings.peek("autopurge.snapRetainCount")
        if let count = try settings.integer("autopurge.snapRetainCount", in: 1...1_000_000, unit: "snapshots")
        {
            retainedSnapshotCount = max(count, 3)
        }
        if let countEntry, retainedSnapshotCount > StoreMetadata.snapshotCountMax {
            settings.warn(countEntry, "\(StoreMetadata.snapshotCountMax) snapshots are kept at most")
        }
        let intervalEntry = settings.peek("autopurge.purgeInterval")
        if let interval = try settings.duration(hoursIn: "autopurge.purgeInterval"), interval == 0,
            let intervalEntry
        {
            settings.warn(
                intervalEntry,
                "0 does not switch purging off here; autopurge.snapRetainCount says how much is kept")
        }
    }
}
