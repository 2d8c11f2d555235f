/// Where clients connect, and what they may ask before they have a session.
extension ServerConfiguration {
    mutating func takeNetwork(_ settings: inout SettingsReader) throws(ConfigurationError) {
        clientPort =
            try settings.integer("clientPort", in: 0...65_535, unit: "a TCP port") ?? servers.client?.port
        guard clientPort != nil || settings.peek("secureClientPort") != nil else {
            throw settings.missing("clientPort", "a TCP port")
        }
        clientAddress = servers.client?.address
        if let entry = settings.take("clientPortAddress"), !entry.value.isEmpty {
            guard clientPort != nil else { throw settings.error(entry, "has no meaning without clientPort") }
            clientAddress = entry.value
        }
        if let backlog = try settings.integer(
            "clientPortListenBacklog", in: -1...65_535, unit: "connections"),
            backlog > 0
        {
            listenBacklog = backlog
        }
        try takeWords(&settings)
        if let count = try settings.integer("jute.maxbuffer", in: 1024...10 << 20, unit: "bytes") {
            requestByteCountMax = count
        }
    }

    private mutating func takeWords(_ settings: inout SettingsReader) throws(ConfigurationError) {
        // A server without peers is never read-only; clients that look for one that is may ask it.
        let isReadOnlyModeEnabled = try settings.boolean("readonlymode.enabled") ?? false
        let list = settings.take("4lw.commands.whitelist")
        fourLetterWords = FourLetterWordFilter(
            list: list?.value ?? "", isReadOnlyModeEnabled: isReadOnlyModeEnabled)
        if let list, !fourLetterWords.unknownWords.isEmpty {
            let words = fourLetterWords.unknownWords.joined(separator: ", ")
            settings.warn(list, "there are no such commands, they have no effect: \(LogText.escaped(words))")
        }
    }
}
