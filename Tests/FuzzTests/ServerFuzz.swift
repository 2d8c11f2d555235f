import ByteCoding
import Simulation
import Testing

@testable import Server

/// What comes in over a socket before it is a request, and the settings file.
extension FuzzTests {
    @Test func frames() {
        FuzzRun.target("frames", rounds: 60_000) { random in
            let limit = random.element(of: [0, 5, 40, 1024])
            var stream: [UInt8] = []
            for _ in 0..<random.below(8) {
                let frame = random.bytes(random.length(below: limit + (random.oneIn(20) ? 2 : 1)))
                stream.append(bigEndian: Int32(frame.count))
                stream += frame
            }
            if random.oneIn(3) { Mutation.change(&stream, &random) }
            if random.oneIn(20) { stream = random.bytes(random.below(60)) }
            let whole = Self.reference(stream, limit: limit)
            var splitter = FrameSplitter(frameByteCountMax: limit)
            var frames: [[UInt8]] = []
            var isBad = false
            var rest = stream[...]
            while !rest.isEmpty, !isBad {
                let piece = Array(rest.prefix(1 + random.length(below: 40)))
                rest = rest.dropFirst(piece.count)
                splitter.preview(piece.span.bytes) { _ in }
                do throws(FrameSplitter.BadLength) {
                    try splitter.split(piece.span.bytes) { frame in
                        frames.append(frame.withUnsafeBytes { Array($0) })
                        return true
                    }
                } catch {
                    try demand(error.declared < 0 || Int(error.declared) > limit, "\(error)")
                    isBad = true
                }
            }
            try demand(frames == whole.frames, "\(frames.count) frames, not \(whole.frames.count)")
            try demand(isBad == whole.isBad, "bad is \(isBad), not \(whole.isBad)")
        }
    }

    @Test func aFrameIsGatheredInNoMoreThanItsBytes() {
        FuzzRun.target("frame-memory", rounds: 20_000) { random in
            // A length that promises much, and few bytes behind it.
            var stream: [UInt8] = []
            stream.append(bigEndian: Int32(1 + random.below(1 << 30)))
            stream += random.bytes(random.below(300))
            var splitter = FrameSplitter(frameByteCountMax: 1 << 30)
            try FuzzRun.decoding(stream.count) {
                for byte in stream { try splitter.split([byte].span.bytes) { _ in true } }
            }
        }
    }

    @Test func fourLetterWords() {
        FuzzRun.target("4lw", rounds: 60_000) { random in
            let code =
                random.oneIn(2)
                ? random.element(of: FourLetterWord.allCases).code : UInt32(truncatingIfNeeded: random.next())
            if let word = FourLetterWord(code: code) {
                try demand(word.code == code, "\(word) is another word")
            }
            var list = Array("srvr, mntr ,*,conf".utf8)
            Mutation.change(&list, &random)
            let filter = FourLetterWordFilter(list: String(decoding: list, as: UTF8.self))
            try demand(filter.allows(.srvr), "srvr is refused")
        }
    }

    @Test func settings() {
        FuzzRun.target("settings", rounds: 40_000) { random in
            var lines = "dataDir=/d\nclientPort=2181\n"
            for _ in 0..<random.below(8) {
                lines +=
                    random.element(of: Self.keys) + random.element(of: ["=", " = ", ":", " ", "=\\\n  "])
                lines += Self.value(&random) + "\n"
            }
            var bytes = Array(lines.utf8)
            if random.oneIn(2) { Mutation.change(&bytes, &random) }
            if random.oneIn(20) { bytes = random.bytes(random.below(500)) }
            let text = PropertiesText(bytes)
            let configuration: ServerConfiguration
            do throws(ConfigurationError) {
                configuration = try ServerConfiguration.reading(text, file: "zoo.cfg").configuration
            } catch {
                return try demand(error.lineNumber.map { $0 >= 1 } ?? true, "\(error)")
            }
            try Self.demandUsable(configuration)
        }
    }

    private static let keys = [
        "dataDir", "dataLogDir", "clientPort", "clientPortAddress", "clientPortListenBacklog",
        "maxClientCnxns",
        "maxCnxns", "4lw.commands.whitelist", "tickTime", "minSessionTimeout", "maxSessionTimeout",
        "snapCount",
        "snapSizeLimitInKb", "preAllocSize", "autopurge.snapRetainCount", "autopurge.purgeInterval",
        "snapshot.compression.method", "jute.maxbuffer", "globalOutstandingLimit", "extendedTypesEnabled",
        "skipACL", "DigestAuthenticationProvider.superDigest", "log.inlineSync", "server.1", "server.2",
        "dynamicConfigFile", "txnLogSizeLimitInKb", "fsync.warningthresholdms", "forceSync", "digest.enabled",
        "datadir.autocreate", "readonlymode.enabled", "zookeeper.snapCount", "nio.x", "connectionMaxTokens",
        "connection_throttle_tokens", "connectionTokenFillTime", "connectionDropIncrease",
        "connection_throttle_weight_enabled", "requestThrottleLimit", "requestThrottleDropStale",
        "throttledOpWaitTime", "largeRequestThreshold", "largeRequestMaxBytes", "nio.sessionlessCnxnTimeout",
        "slowClientMaxBytes", "initLimit", "\u{e9}",
        "admin.x", "#", "!",
        "secureClientPort", "secureClientPortAddress",
        "client.portUnification", "ssl.keyStore.location", "ssl.keyStore.type", "ssl.trustStore.location",
        "ssl.clientAuth", "ssl.protocol", "ssl.enabledProtocols", "ssl.ciphersuites",
        "ssl.handshakeDetectionTimeoutMillis",
    ]

    private static func value(_ random: inout SeededRandom) -> String {
        switch random.below(7) {
        case 0: String(random.interestingNumber(near: 65_535))
        case 1:
            random.element(of: [
                "true", "no", "*", "lz4", "gz", "24h", "1d", "9223372036854775807d", "0x7f", "", "\u{bd}",
            ])
        case 2:
            random.element(of: [
                "/k.pem", "/t.p12", "/k.jks", "PEM", "want", "NONE", "TLSv1.2", "TLSv1.3,TLSv1.2", ",",
                "TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            ])
        case 3: random.element(of: ["\\u0041", "\\uD800", "\\u12", "a\\", "\\t\\n", "localhost:2888:3888"])
        default: String(random.below(100_000))
        }
    }

    private static func demandUsable(_ settings: ServerConfiguration) throws(Violation) {
        try demand(!settings.dataDirectory.isEmpty, "no data directory")
        try demand((0...65_535).contains(settings.clientPort ?? 0), "port \(settings.clientPort ?? 0)")
        try demand(settings.segmentByteCount >= 4 * settings.requestByteCountMax, "segments too short")
        try demand(
            settings.listenBacklog > 0 && settings.admission.outstandingRequestsMax > 0, "nothing is let in")
        try demand(settings.retainedSnapshotCount >= 3, "too few snapshots")
        try demand(settings.clientPort != nil || settings.tls.port != nil, "no port")
        try demand(!settings.tls.isUsed || settings.tls.keyStore != nil, "TLS without a key")
    }

    /// What the stream holds, read in the plainest way.
    private static func reference(_ stream: [UInt8], limit: Int) -> (frames: [[UInt8]], isBad: Bool) {
        var frames: [[UInt8]] = []
        var rest = stream[...]
        while rest.count >= 4 {
            let length = rest.prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
            guard length >= 0, Int(length) <= limit else { return (frames, true) }
            guard rest.count - 4 >= Int(length) else { break }
            frames.append(Array(rest.dropFirst(4).prefix(Int(length))))
            rest = rest.dropFirst(4 + Int(length))
        }
        return (frames, false)
    }
}
