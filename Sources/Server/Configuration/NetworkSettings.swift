/// Where clients connect, and what they may ask before they have a session.
extension ServerConfiguration {
    mutating func takeNetwork(_ settings: inout SettingsReader) throws(ConfigurationError) {
        guard let port = try settings.integer("clientPort", in: 0...65_535, unit: "a TCP port") else {
            throw settings.missing("clientPort", "a TCP port")
        }
        clientPort = port
        if let address = settings.text("clientPortAddress"), !address.isEmpty { clientAddress = address }
        if let backlog = try settings.integer(
            "clientPortListenBacklog", in: -1...65_535, unit: "connections"),
            backlog > 0
        {
            listenBacklog = backlog
        }
        if let entry = settings.take("4lw.commands.whitelist") {
            guard let filter = FourLetterWordFilter(list: entry.value) else {
                throw settings.error(entry, expecting: "* or words of four letters with commas between them")
            }
            fourLetterWords = filter
        }
        if let count = try settings.integer("jute.maxbuffer", in: 1024...10 << 20, unit: "bytes") {
            requestByteCountMax = count
        }
    }
}
