import NIOCore
import NIOSSL

/// Who asks over HTTP.
package struct HTTPPeer: Sendable {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    package var address: SocketAddress? { channel.remoteAddress }

    /// Address and port, as lines of the log have those of clients.
    package var description: String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return "/\(host):\(port)"
    }

    package var isEncrypted: Bool {
        get async {
            do {
                return try await channel.nioSSL_tlsVersion().get() != nil
            } catch {
                return false
            }
        }
    }

    /// The certificate by which a client proved itself; nil without TLS, and if it brought none.
    package var certificate: NIOSSLCertificate? {
        get async {
            do {
                return try await channel.nioSSL_peerCertificate().get()
            } catch {
                return nil
            }
        }
    }
}
