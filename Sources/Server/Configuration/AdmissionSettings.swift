/// How much is let in: connections, and requests that are not answered yet.
package struct AdmissionSettings: SettingsGroup, Equatable {
    /// Connections from one address; 0 is no limit.
    package var connectionsPerAddressMax = 60
    /// Connections in all; 0 is no limit.
    package var connectionsMax = 0
    /// Requests taken and not yet answered, of all connections, above which no more are read from those
    /// that have some. Apache's default is 1000, which throttles 64 connections with 16 requests each.
    package var outstandingRequestsMax = 65_536

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
    }
}
