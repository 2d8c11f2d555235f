/// How many requests are worked on at a time, and what becomes of those that wait. Off by default.
package struct RequestThrottleSettings: SettingsGroup, Equatable {
    /// Requests taken and not answered above which all others wait, except pings and the ends of
    /// sessions; 0 is no limit.
    package var requestsMax = 0
    /// A request that waited longer is answered ThrottledOp (-127) without being carried out; 0 is never.
    package var throttledOperationMilliseconds = 0
    /// The connection of a request that waited longer than its session's timeout is closed instead.
    package var closesStaleConnections = false
    /// Bytes above which a request is large; `.max` when none is.
    package var largeRequestByteCount = Int.max
    /// Bytes of all large requests on their way; the connection whose request is too much is closed.
    package var largeRequestsByteCountMax = 100 << 20

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let milliseconds = 0...86_400_000
        requestsMax =
            try settings.integer("requestThrottleLimit", in: 0...10_000_000, unit: "requests") ?? requestsMax
        throttledOperationMilliseconds =
            try settings.integer("throttledOpWaitTime", in: milliseconds, unit: "milliseconds")
            ?? throttledOperationMilliseconds
        // Nothing sleeps here that had to look again after a while.
        _ = try settings.integer("requestThrottleStallTime", in: milliseconds, unit: "milliseconds")
        try takeStale(&settings)
        if let count = try settings.integer("largeRequestThreshold", in: -1...1 << 30, unit: "bytes") {
            largeRequestByteCount = count < 0 ? .max : count
        }
        largeRequestsByteCountMax =
            try settings.integer("largeRequestMaxBytes", in: 0...1 << 40, unit: "bytes")
            ?? largeRequestsByteCountMax
    }

    private mutating func takeStale(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let checksLatency = try settings.boolean("requestStaleLatencyCheck") ?? false
        var drops = true
        for key in ["requestThrottleDropStale", "requestStaleConnectionCheck"] {
            let written = settings.peek(key)
            let isOn = try settings.boolean(key) ?? true
            if key == "requestThrottleDropStale" { drops = isOn }
            if !isOn, let written {
                settings.warn(written, "requests that wait go with their connection, whatever this says")
            }
        }
        closesStaleConnections = checksLatency && drops
    }
}
