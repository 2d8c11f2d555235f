import Glibc
import NIOCore
import NIOPosix

/// The sockets on which clients connect.
struct Listeners {
    private let channels: [any Channel]
    /// The port, chosen by the kernel if it was left open.
    let port: Int

    /// Listens on the configured address, or on all of IPv4 and, where there is one, IPv6.
    ///
    /// As long as the reference names no core, who connects is told that nothing is served.
    static func open(
        _ configuration: ServerConfiguration, on loop: any EventLoop, core: CoreReference
    ) throws -> Listeners {
        let first = try bootstrap(configuration, on: loop, core: core)
            .bind(host: configuration.clientAddress ?? "0.0.0.0", port: configuration.clientPort).wait()
        let port = first.localAddress?.port ?? configuration.clientPort
        var channels = [first]
        if configuration.clientAddress == nil {
            do {
                channels.append(
                    try bootstrap(configuration, on: loop, core: core)
                        .serverChannelOption(.socketOption(.ipv6_v6only), value: 1)
                        .bind(host: "::", port: port).wait())
            } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
                // A machine without IPv6 is served by IPv4 alone.
            } catch {
                first.close(promise: nil)
                throw error
            }
        }
        return Listeners(channels: channels, port: port)
    }

    /// Takes no more connections.
    func close() {
        for channel in channels { channel.close(promise: nil) }
    }

    private static func bootstrap(
        _ configuration: ServerConfiguration, on loop: any EventLoop, core: CoreReference
    ) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: Int32(clamping: configuration.listenBacklog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            // What is set here the kernel sets for each connection, without a call for it.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .serverChannelOption(
                .socketOption(.so_keepalive), value: configuration.admission.keepsConnectionsAlive ? 1 : 0
            )
            .childChannelInitializer { [words = configuration.fourLetterWords] channel in
                channel.eventLoop.makeCompletedFuture {
                    try setOptions(of: channel, core.receiveBuffer)
                    guard let running = core.onLoop else {
                        try channel.pipeline.syncOperations.addHandler(NotServing(words))
                        return
                    }
                    guard let connection = running.admit(channel) else {
                        channel.close(promise: nil)
                        return
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
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
