/// What a server is told when it is given no file: for trying things out, for clients on this machine.
enum EmbeddedSettings {
    static let name = "embedded settings"

    /// A zoo.cfg.
    static let text = """
        # Standalone, for clients on this machine alone.
        clientPort=2181
        clientPortAddress=127.0.0.1
        # Relative to the folder in which the server is started.
        dataDir=data
        tickTime=2000
        maxClientCnxns=0
        # Time-to-live nodes are switched on; all four-letter words are answered.
        extendedTypesEnabled=true
        4lw.commands.whitelist=*

        """
}
