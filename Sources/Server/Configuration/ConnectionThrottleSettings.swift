/// How fast clients may connect. Off unless `connectionMaxTokens` is set.
package struct ConnectionThrottleSettings: SettingsGroup, Equatable {
    /// Tokens in a full bucket; a client that connects takes one, or its weight. 0 switches it all off.
    package var tokenCountMax = 0
    /// Every so often `fillCount` tokens come back.
    package var fillMilliseconds = 1
    package var fillCount = 1
    /// So often the chance to be turned away by lot is adjusted; -1 is never.
    package var freezeMilliseconds = -1
    /// What the chance grows by while the bucket is empty, and shrinks by when it is full enough.
    package var dropIncrease = 0.02
    package var dropDecrease = 0.002
    /// The bucket is full enough when no more than this part of it is gone.
    package var decreaseRatio = 0.0
    /// A new session takes `newSessionWeight` tokens, a resumed one `resumedSessionWeight`, and the bucket
    /// and what comes back are `newSessionWeight` times as large.
    package var isWeighted = false
    package var newSessionWeight = 3
    package var resumedSessionWeight = 2

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let counts = 0...1_000_000_000
        let milliseconds = "milliseconds"
        tokenCountMax =
            try settings.integer("connectionMaxTokens", in: counts, unit: "tokens") ?? tokenCountMax
        fillMilliseconds =
            try settings.integer("connectionTokenFillTime", in: 1...86_400_000, unit: milliseconds)
            ?? fillMilliseconds
        fillCount = try settings.integer("connectionTokenFillCount", in: counts, unit: "tokens") ?? fillCount
        freezeMilliseconds =
            try settings.integer("connectionFreezeTime", in: -1...86_400_000, unit: milliseconds)
            ?? freezeMilliseconds
        dropIncrease = try settings.decimal("connectionDropIncrease", in: 0...1) ?? dropIncrease
        dropDecrease = try settings.decimal("connectionDropDecrease", in: 0...1) ?? dropDecrease
        decreaseRatio = try settings.decimal("connectionDecreaseRatio", in: 0...1) ?? decreaseRatio
        isWeighted = try settings.boolean("connection_throttle_weight_enabled") ?? isWeighted
        newSessionWeight = try weight("global", &settings) ?? newSessionWeight
        resumedSessionWeight = try weight("renew", &settings) ?? resumedSessionWeight
        // Weighs sessions that a standalone server does not have.
        _ = try weight("local", &settings)
    }

    private func weight(
        _ kind: String, _ settings: inout SettingsReader
    ) throws(ConfigurationError) -> Int? {
        try settings.integer(
            "connection_throttle_\(kind)_session_weight", in: 1...1_000_000, unit: "tokens")
    }
}
