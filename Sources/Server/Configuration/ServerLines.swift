/// The lines `server.N`, in the zoo.cfg or in the file that `dynamicConfigFile` names.
///
/// One of them is a standalone server, as with Apache ZooKeeper; more are an ensemble.
package struct ServerLines: SettingsGroup {
    /// What the line says of the port for clients, behind its semicolon; nil if nothing.
    package private(set) var client: ClientPart?

    package struct ClientPart: Equatable, Sendable {
        package var address: String?
        package var port: Int
    }

    package mutating func take(_ settings: inout SettingsReader) throws(ConfigurationError) {
        let servers = settings.keys(beginningWith: "server.").filter(Self.isServer)
            .compactMap { settings.take($0) }
        if servers.count > 1 {
            throw settings.error(
                servers[1], "ensembles are not supported yet; expected at most one server line")
        }
        guard let server = servers.first else { return }
        do throws(Malformed) {
            client = try Self.clientPart(of: server.value)
        } catch {
            throw settings.error(
                server,
                expecting:
                    "host:port:port, with :participant or :observer and ;[address:]client port if you like")
        }
    }

    /// `server.` and a number: Kerberos has keys that begin in the same way.
    private static func isServer(_ key: String) -> Bool {
        Int(key.dropFirst("server.".count)) != nil
    }

    private struct Malformed: Error {}

    /// The part behind the first semicolon, `[address:]port`; a second one is for TLS.
    private static func clientPart(of value: String) throws(Malformed) -> ClientPart? {
        let parts = value.split(separator: ";", omittingEmptySubsequences: false)
        guard parts[0].split(separator: ":").count >= 3, parts.count <= 3 else { throw Malformed() }
        guard parts.count > 1, !parts[1].isEmpty else { return nil }
        let colon = parts[1].lastIndex(of: ":")
        let digits = colon.map { parts[1][parts[1].index(after: $0)...] } ?? parts[1]
        guard let port = Int(digits), (1...65_535).contains(port) else { throw Malformed() }
        let address = colon.map { parts[1][..<$0].drop { $0 == "[" }.prefix { $0 != "]" } }
        return ClientPart(address: address.map(String.init), port: port)
    }
}
