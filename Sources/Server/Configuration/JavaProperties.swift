/// Java properties as a command line has them (`-Dname=value`), and who gave them.
package struct JavaProperties: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var name: String
        package var value: String
    }

    /// `SERVER_JVMFLAGS`, `JVMFLAGS` or `command line`: for messages.
    package var source: String
    package var entries: [Entry]

    /// The `-D` flags among those of a variable that a shell divides at white space, as zkServer.sh's
    /// does; quotation marks mean nothing there. Other flags are the JVM's own and passed over.
    package init(flags: String, source: String) {
        self.source = source
        entries = flags.split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix("-D") && $0.count > 2 }
            .map { Self.entry(String($0.dropFirst(2))) }
    }

    /// From definitions that somebody divided already: `name=value` each.
    package init(definitions: [String], source: String) {
        self.source = source
        entries = definitions.map(Self.entry)
    }

    /// Without `=` a property is there and empty, as in Java.
    private static func entry(_ definition: String) -> Entry {
        let halves = definition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return Entry(name: String(halves[0]), value: halves.count == 2 ? String(halves[1]) : "")
    }
}
