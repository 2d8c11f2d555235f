/// How much is let in: connections, and requests that are not answered yet.
package struct AdmissionSettings: SettingsGroup, Equatable {
    /// Connections from one address; 0 is no limit.
    package var connectionsPerAddressMax = 60
    /// Connections in all; 0 is no limit.
    package var connectionsMax = 0
    /// Requests taken and not yet answered, of all connections, above which no more are read from those
    /// that have some. Apache's default is 1000, which throttles 64 connections with 16 requests each.
    package var outstandingRequestsMax = 65_536
    /// A connection that has no session for so long is closed, as is one that was told to go and stays.
    package var sessionlessMilliseconds = 10_000
    /// Bytes that clients leave half sent and untaken, all together, above which those with the most are
    /// closed.
    package var slowClientByteCountMax = 512 << 20
    /// The kernel asks now and then whether an idle client is still there.
    package var keepsConnectionsAlive = false
    /// Attempts in a minute, from one address, at sessions of others, behind which that address resumes
    /// none until the minute is over; 0 is no limit.
    package var failedResumptionsMax = 1000
    /// Paths that one connection may watch; 0 is no limit.
    package var watchesPerConnectionMax = 0
    /// The longest list of names that one reply holds, bytes.
    package var listReplyByteCountMax = 64 << 20

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        if let count = try settings.integer("maxClientCnxns", in: 0...1_000_000, unit: "connections") {
            connectionsPerAddressMax = count
        }
        if let count = try settings.integer("maxCnxns", in: 0...10_000_000, unit: "connections") {
            connectionsMax = count
        }
        if let count = try settings.integer("globalOutstandingLimit", in: 1...10_000_000, unit: "requests") {
            outstandingRequestsMax = count
        }
        sessionlessMilliseconds =
            try settings.integer("nio.sessionlessCnxnTimeout", in: 1...86_400_000, unit: "milliseconds")
            ?? sessionlessMilliseconds
        slowClientByteCountMax =
            try settings.integer("slowClientMaxBytes", in: 1 << 20...1 << 50, unit: "bytes")
            ?? slowClientByteCountMax
        keepsConnectionsAlive = try settings.boolean("clientTcpKeepAlive") ?? keepsConnectionsAlive
        failedResumptionsMax =
            try settings.integer("session.resumeFailureLimit", in: 0...1_000_000, unit: "attempts")
            ?? failedResumptionsMax
        watchesPerConnectionMax =
            try settings.integer("watches.connectionMax", in: 0...1_000_000_000, unit: "paths")
            ?? watchesPerConnectionMax
        listReplyByteCountMax =
            try settings.integer("listReplyMaxBytes", in: 1024...1 << 30, unit: "bytes")
            ?? listReplyByteCountMax
    }
}
