import Glibc
import NIOCore
import NIOPosix

/// The sockets on which clients connect.
struct Listeners {
    private var channels: [any Channel] = []
    /// The ports, chosen by the kernel where they were left open; nil where there is none.
    private(set) var port: Int?
    private(set) var securePort: Int?

    /// Listens on the configured addresses, or on all of IPv4 and, where there is one, IPv6.
    ///
    /// As long as the reference names no core, who connects is told that nothing is served.
    static func open(
        _ configuration: ServerConfiguration, on loop: any EventLoop, core: CoreReference, tls: TLSAcceptor?
    ) throws -> Listeners {
        var listeners = Listeners()
        let opening = Opening(configuration: configuration, loop: loop, core: core)
        do {
            if let port = configuration.clientPort {
                let speech =
                    configuration.tls.unifiesPorts ? tls.map(PortSpeech.either) ?? .plain : .plain
                listeners.port = try listeners.open(opening, port, configuration.clientAddress, speech)
            }
            if let port = configuration.tls.port, let tls {
                listeners.securePort = try listeners.open(opening, port, configuration.tls.address, .tls(tls))
            }
            return listeners
        } catch {
            listeners.close()
            throw error
        }
    }

    /// Takes no more connections.
    func close() {
        for channel in channels { channel.close(promise: nil) }
    }

    private static let onlyIPv6 = ChannelOptions.Types.SocketOption(
        level: NIOBSDSocket.OptionLevel(rawValue: CInt(IPPROTO_IPV6)), name: .ipv6_v6only)

    private struct Opening {
        let configuration: ServerConfiguration
        let loop: any EventLoop
        let core: CoreReference
    }

    /// Returns the port.
    private mutating func open(
        _ opening: Opening, _ port: Int, _ address: String?, _ speech: PortSpeech
    ) throws -> Int {
        let first = try Self.bootstrap(opening, speech).bind(host: address ?? "0.0.0.0", port: port).wait()
        channels.append(first)
        let port = first.localAddress?.port ?? port
        guard address == nil else { return port }
        do {
            channels.append(
                try Self.bootstrap(opening, speech)
                    .serverChannelOption(Self.onlyIPv6, value: 1)
                    .bind(host: "::", port: port).wait())
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            // A machine without IPv6 is served by IPv4 alone.
        }
        return port
    }

    private static func bootstrap(_ opening: Opening, _ speech: PortSpeech) -> ServerBootstrap {
        ServerBootstrap(group: opening.loop)
            .serverChannelOption(.backlog, value: Int32(clamping: opening.configuration.listenBacklog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            // What is set here the kernel sets for each connection, without a call for it.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .serverChannelOption(
                .socketOption(.so_keepalive),
                value: opening.configuration.admission.keepsConnectionsAlive ? 1 : 0
            )
            .childChannelInitializer {
                [core = opening.core, words = opening.configuration.fourLetterWords] channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try setOptions(of: channel, core.receiveBuffer)
                    guard let running = core.onLoop else {
                        try speech.addHandlers(to: operations, for: nil)
                        try operations.addHandler(NotServing(words))
                        return
                    }
                    guard speech.hasRoom(),
                        let connection = running.admit(channel, isPlain: speech.isPlain)
                    else {
                        channel.close(promise: nil)
                        return
                    }
                    try speech.addHandlers(to: operations, for: connection)
                    try operations.addHandler(connection)
                }
            }
    }

    /// Here and not by the bootstrap, which would make a chain of futures for them.
    private static func setOptions(of channel: any Channel, _ buffer: ReceiveBuffer) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(.recvAllocator, value: SharedReceiveBufferAllocator(buffer))
        // Small pieces that wait in a channel take many times their bytes; the rest waits in `Connection`.
        try options.setOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 64 << 10))
    }
}
